import OpsCore
import Yams

/// Values of YAML that was decrypted as a whole: every text and number becomes a secret.
public enum PlainYAML {
    /// - Throws: `Diagnostic` without content
    static func value(of bytes: [UInt8], file: String) throws(Diagnostic) -> Value {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Diagnostic(
                code: "secret-not-yaml", "the decrypted content is not text", at: SourceLocation(file: file))
        }
        return try value(of: text, file: file, scalar: typed)
    }

    /// Every value as it is written: `1.10`, `yes` and `0x1F` are the texts that somebody chose.
    /// - Throws: `Diagnostic` without content
    public static func texts(of bytes: [UInt8], file: String) throws(Diagnostic) -> Value {
        try value(of: SopsFile.text(bytes, file: file), file: file) { scalar in
            let isNull = scalar.style == .plain && flag(scalar.string) == .null
            return isNull ? .null : .secret(Secret(scalar.string))
        }
    }

    private static func value(
        of text: String, file: String, scalar: @escaping (Node.Scalar) -> Value
    ) throws(Diagnostic) -> Value {
        guard let root = try SopsYAML.compose(text, file: file) else { return .map([:]) }
        var reader = PlainYAMLReader(file: file, scalar: scalar)
        return try reader.value(root)
    }

    /// Flags and null as YAML 1.1 has them; all else is secret text, as written.
    private static func typed(_ scalar: Node.Scalar) -> Value {
        let text = scalar.string
        guard scalar.style == .plain, scalar.tag.description.isEmpty else { return .secret(Secret(text)) }
        return flag(text) ?? .secret(Secret(text))
    }

    /// The flag or null that a plain scalar stands for.
    static func flag(_ text: String) -> Value? {
        switch text {
        case "", "~", "null", "Null", "NULL": .null
        case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON": .bool(true)
        case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF": .bool(false)
        default: nil
        }
    }
}

/// Turns nodes into values, within bounds: what aliases repeat counts each time.
private struct PlainYAMLReader {
    let file: String
    let scalar: (Node.Scalar) -> Value
    private var budget = 200_000
    private var depth = 0
    private static let maximumDepth = 500

    init(file: String, scalar: @escaping (Node.Scalar) -> Value) { (self.file, self.scalar) = (file, scalar) }

    mutating func value(_ node: Node) throws(Diagnostic) -> Value {
        budget -= 1
        depth += 1
        defer { depth -= 1 }
        guard budget > 0, depth < Self.maximumDepth else {
            throw Diagnostic(code: "secret-too-large", "too many values, or nested too deeply", at: SourceLocation(file: file))
        }
        switch node {
        case .scalar(let scalar): return self.scalar(scalar)
        case .sequence(let items):
            var list: [Value] = []
            for item in items { list.append(try value(item)) }
            return .list(list)
        case .mapping(let mapping): return try map(mapping)
        case .alias:
            throw Diagnostic(
                code: "secret-not-yaml", "undefined alias", at: SopsYAML.location(node.mark, file: file))
        }
    }

    /// Merge keys (`<<`) add what isn't there yet.
    private mutating func map(_ mapping: Node.Mapping) throws(Diagnostic) -> Value {
        var map = ValueMap()
        var merged: [Value] = []
        for (key, node) in mapping {
            let value = try value(node)
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
}
