import OpsCore

/// An unencrypted document whose values can be changed in place.
public struct PlainDocument: Sendable {
    let syntax: any SopsSyntax.Type
    let document: SopsDocument
    let file: String

    /// - Parameter format: one of SOPS's; others are taken as YAML
    /// - Throws: `Diagnostic` at what can't be read
    public init(_ bytes: [UInt8], format: SecretFile.Format, file: String) throws {
        syntax = format.syntax ?? SopsYAML.self
        self.file = file
        document = try syntax.parse(SopsFile.text(bytes, file: file), file: file)
    }

    /// The text with one value set or added; everything else stays as it is.
    /// - Parameter path: keys and list positions
    /// - Throws: `Diagnostic` if there is no place for the path
    public func setting(_ path: [String], to secret: Secret) throws -> [UInt8] {
        let location = SourceLocation(file: file)
        guard !path.isEmpty, !path.contains(""), path[0] != SopsYAML.metadataKey else {
            throw Diagnostic(code: "secret-no-such-key", "not a key for a value", at: location)
        }
        let scalar = secret.reveal { SopsScalar(.string, $0) }
        switch document.root[path] {
        case .leaf(let index):
            let leaf = document.leaves[index]
            return document.replacing([(leaf.range, syntax.plain(scalar, at: leaf))])
        case nil: return try syntax.inserting(scalar, at: path, in: document, file: file)
        default:
            throw Diagnostic(
                code: "secret-no-such-key", "'\(path.joined(separator: "."))' holds several values", at: location,
                hints: ["name one of them, or use: opsctl secrets edit \(file)"])
        }
    }

    /// Every value's path, in order, list positions included.
    public var paths: [[String]] {
        var paths: [[String]] = []
        Self.collect(document.root, path: [], into: &paths)
        return paths
    }

    private static func collect(_ node: SopsNode, path: [String], into paths: inout [[String]]) {
        switch node {
        case .leaf: paths.append(path)
        case .list(let items):
            for (index, item) in items.enumerated() { collect(item, path: path + [String(index)], into: &paths) }
        case .map(let entries):
            for (key, node) in entries { collect(node, path: path + [key], into: &paths) }
        }
    }
}
