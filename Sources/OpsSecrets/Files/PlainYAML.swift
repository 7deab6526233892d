import OpsCore
import Yams

/// Values of YAML that was decrypted as a whole: every text and number becomes a secret.
enum PlainYAML {
    private static let maximumNodes = 200_000

    /// - Throws: `Diagnostic` without content
    static func value(of bytes: [UInt8], file: String) throws(Diagnostic) -> Value {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Diagnostic(
                code: "secret-not-yaml", "the decrypted content is not text", at: SourceLocation(file: file))
        }
        let root = try SopsYAML.compose(text, file: file)
        var budget = maximumNodes
        guard let root else { return .map([:]) }
        return try value(root, file: file, budget: &budget)
    }

    private static func value(_ node: Node, file: String, budget: inout Int) throws(Diagnostic) -> Value {
        budget -= 1
        guard budget > 0 else {
            throw Diagnostic(code: "secret-too-large", "too many values", at: SourceLocation(file: file))
        }
        switch node {
        case .scalar(let scalar): return self.scalar(scalar)
        case .sequence(let items):
            var list: [Value] = []
            for item in items { list.append(try value(item, file: file, budget: &budget)) }
            return .list(list)
        case .mapping(let mapping): return try map(mapping, file: file, budget: &budget)
        case .alias:
            throw Diagnostic(
                code: "secret-not-yaml", "undefined alias", at: SopsYAML.location(node.mark, file: file))
        }
    }

    /// Merge keys (`<<`) add what isn't there yet.
    private static func map(
        _ mapping: Node.Mapping, file: String, budget: inout Int
    ) throws(Diagnostic) -> Value {
        var map = ValueMap()
        var merged: [Value] = []
        for (key, node) in mapping {
            let value = try value(node, file: file, budget: &budget)
            guard let name = key.scalar?.string else {
                throw Diagnostic(
                    code: "secret-not-yaml", "a key must be text", at: SopsYAML.location(key.mark, file: file))
            }
            if name == "<<", key.scalar?.style == .plain {
                merged += value.list ?? [value]
            } else {
                map[name] = value
            }
        }
        for source in merged.compactMap(\.map) {
            for (key, value) in source where map[key] == nil { map[key] = value }
        }
        return .map(map)
    }

    /// Flags and null as YAML 1.1 has them; all else is secret text, as written.
    private static func scalar(_ scalar: Node.Scalar) -> Value {
        let text = scalar.string
        guard scalar.style == .plain, scalar.tag.description.isEmpty else { return .secret(Secret(text)) }
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON": return .bool(true)
        case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF": return .bool(false)
        default: return .secret(Secret(text))
        }
    }
}
