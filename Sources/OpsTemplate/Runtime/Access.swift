import OpsCore

/// Attributes, items and slices of values.
enum Access {
    /// `owner.name`, nil if there is none.
    static func attribute(_ owner: JinjaValue, _ name: String, _ frame: Frame) throws -> JinjaValue? {
        if let method = Methods.method(name, of: owner) {
            return .callable(Callable(name, typeName: "method") { try method.call(owner, $0, $1) })
        }
        switch owner {
        case .map(let map), .namespace(let map): return try map.value(name)
        case .object(let object): return try object.attribute(name, frame)
        case .callable(let callable): return callable.macro?.attribute(name)
        case .tuple(let tuple): return (tuple as? NamedTuple)?.attribute(name)
        default: return nil
        }
    }

    /// `owner[key]`, nil if there is none.
    static func item(_ owner: JinjaValue, _ key: JinjaValue, _ frame: Frame) throws -> JinjaValue? {
        switch owner {
        case .map(let map):
            if let value = try map.value(key) { return value }
        case .list(let list), .tuple(let list):
            if let index = key.integer {
                let items = list.items
                let position = index < 0 ? index + items.count : index
                return items.indices.contains(position) ? items[position] : nil
            }
        case .range(let range):
            if let index = key.integer {
                let position = index < 0 ? index + range.count : index
                return (0..<range.count).contains(position) ? .int(range[position]) : nil
            }
        case .string, .markup, .secret:
            if let index = key.integer { return try frame.tracking { try character(owner, index) ?? .null }.nonNull }
        default: break
        }
        if let name = key.text { return try attribute(owner, name, frame) }
        return nil
    }

    private static func character(_ owner: JinjaValue, _ index: Int) throws -> JinjaValue? {
        let scalars = Array((owner.text ?? "").unicodeScalars)
        let position = index < 0 ? index + scalars.count : index
        guard scalars.indices.contains(position) else { return nil }
        if case .markup = owner { return .markup(String(scalars[position])) }
        return .string(String(scalars[position]))
    }

    /// The undefined value for an attribute or item that is not there.
    ///
    /// The place is worked out only if it turns out to be an error: `x.y | default(1)` is none.
    static func missing(
        _ name: String, of owner: JinjaValue, label: String, at location: @escaping @autoclosure () -> SourceLocation?
    ) -> JinjaValue {
        .undefined(UndefinedValue(name: name) {
            Diagnostic(
                    code: "template-undefined", "\(label) has no attribute '\(name)'", at: location(),
                    hints: hints(name, owner))
        })
    }

    private static func hints(_ name: String, _ owner: JinjaValue) -> [String] {
        let known: [String]
        switch owner {
        case .map(let map), .namespace(let map): known = map.keys.compactMap(\.comparableText)
        case .object(let object): known = object.attributeNames
        case .list(let list), .tuple(let list): return ["it is \(owner.kindName) of \(list.count) items"]
        case .null: return ["it is none"]
        default: return ["it is \(owner.kindName)"]
        }
        if let nearest = NearestName.to(name, in: known) { return ["did you mean '\(nearest)'?"] }
        if known.isEmpty { return ["it is \(owner.kindName) without any"] }
        return ["it has: " + known.prefix(12).joined(separator: ", ") + (known.count > 12 ? ", …" : "")]
    }

    static func slice(_ owner: JinjaValue, _ start: JinjaValue, _ stop: JinjaValue, _ step: JinjaValue) throws
        -> JinjaValue
    {
        let step = try bound(step) ?? 1
        if step == 0 { throw Diagnostic(code: "template-value", "the step of a slice cannot be zero") }
        func indices(_ count: Int) throws -> [Int] { sliceIndices(count, try bound(start), try bound(stop), step) }
        switch owner {
        case .list(let list):
            let items = list.items
            return .list(try indices(items.count).map { items[$0] })
        case .tuple(let tuple):
            let items = tuple.items
            return .tuple(try indices(items.count).map { items[$0] })
        case .string(let text): return .string(try sliced(text, indices))
        case .markup(let text): return .markup(try sliced(text, indices))
        case .secret(let secret): return .secret(SecretText(try sliced(secret.plain, indices), tracker: secret.tracker))
        case .range(let range): return .list(try indices(range.count).map { .int(range[$0]) })
        case .undefined(let undefined): throw undefined.diagnostic
        default: throw Diagnostic(code: "template-type", "\(owner.kindName) cannot be sliced")
        }
    }

    private static func sliced(_ text: String, _ indices: (Int) throws -> [Int]) rethrows -> String {
        let scalars = Array(text.unicodeScalars)
        var result = String.UnicodeScalarView()
        for index in try indices(scalars.count) { result.append(scalars[index]) }
        return String(result)
    }

    private static func bound(_ value: JinjaValue) throws -> Int? {
        if value.isNull { return nil }
        if case .undefined(let undefined) = value { throw undefined.diagnostic }
        guard let number = value.integer else {
            throw Diagnostic(code: "template-type", "the bounds of a slice must be integers, not \(value.kindName)")
        }
        return number
    }

    /// The positions that Python's `slice.indices` walks through.
    static func sliceIndices(_ count: Int, _ start: Int?, _ stop: Int?, _ step: Int) -> [Int] {
        let step = min(max(step, -count - 1), count + 1)
        func clamp(_ index: Int, _ low: Int, _ high: Int) -> Int {
            min(max(index < 0 ? index + count : index, low), high)
        }
        if step > 0 {
            let first = start.map { clamp($0, 0, count) } ?? 0
            let last = stop.map { clamp($0, 0, count) } ?? count
            return first < last ? Array(stride(from: first, to: last, by: step)) : []
        }
        let first = start.map { clamp($0, -1, count - 1) } ?? count - 1
        let last = stop.map { clamp($0, -1, count - 1) } ?? -1
        return first > last ? Array(stride(from: first, to: last, by: step)) : []
    }
}

extension JinjaValue {
    /// nil for none.
    var nonNull: JinjaValue? { isNull ? nil : self }
}
