import OpsCore

/// What filters take as `attribute`: `name`, `a.b.0`, or an index.
struct AttributePath {
    private let keys: [JinjaValue]

    init(_ value: JinjaValue) throws {
        if let index = value.integer {
            keys = [.int(index)]
        } else if let text = value.text {
            keys = text.splitText(".").map { part in Int(part).map { .int($0) } ?? .string(part) }
        } else {
            throw Diagnostic(
                code: "template-type", "an attribute must be a string or an integer, not \(value.kindName)")
        }
    }

    func value(of item: JinjaValue, _ frame: Frame, default defaultValue: JinjaValue? = nil) throws -> JinjaValue {
        var value = item
        for key in keys {
            if case .undefined(let undefined) = value {
                if let defaultValue { return defaultValue }
                if frame.state.isAnsible { return value }
                throw undefined.diagnostic
            }
            let owner = value
            let name = key.comparableText ?? (try? key.represented()) ?? ""
            value = try Access.item(owner, key, frame) ?? .undefined(
                UndefinedValue(name: name) {
                        guard
                            case .undefined(let undefined) = Access.missing(name, of: owner, label: "the item", at: nil)
                        else {
                        return Diagnostic(code: "template-undefined", "the item has no attribute '\(name)'")
                    }
                    return undefined.diagnostic
                })
        }
        if case .undefined = value, let defaultValue { return defaultValue }
        return value
    }
}
