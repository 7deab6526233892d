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
    /// - Throws: `Diagnostic` if there is no place for the path, or the format has no way to write the value
    public func setting(_ path: [String], to secret: Secret) throws -> [UInt8] {
        let edited = try replacing(path, with: secret)
        guard try isFaithful(edited, path, secret) else {
            throw Diagnostic(
                code: "secret-not-written", "the format has no way to write this value; nothing was changed",
                at: SourceLocation(file: file),
                hints: ["keep it in a YAML or JSON file, or use: opsctl secrets edit \(file)"])
        }
        return edited
    }

    private func replacing(_ path: [String], with secret: Secret) throws -> [UInt8] {
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

    /// Whether a text holds exactly the value at the path and otherwise what this document holds: a value must never
    /// end as keys of its own.
    private func isFaithful(_ edited: [UInt8], _ path: [String], _ secret: Secret) throws -> Bool {
        guard let after = try? syntax.parse(SopsFile.text(edited, file: file), file: file), after.metadata == nil,
            case .leaf(let index)? = after.root[path]
        else { return false }
        let wanted = secret.reveal { SopsScalar(.string, $0) }
        guard after.leaves[index].scalar == wanted else { return false }
        func others(_ document: SopsDocument) -> [Place] {
            var places: [Place] = []
            Self.collect(document.root, path: []) { found, index in
                guard found != path, !found.isEmpty else { return }
                places.append(Place(path: found, value: index.map { document.leaves[$0].scalar }))
            }
            return places
        }
        return others(after) == others(document)
    }

    private struct Place: Equatable {
        var path: [String]
        /// Nil for an empty list or mapping.
        var value: SopsScalar??
    }

    /// Every value's path, in order, list positions included.
    public var paths: [[String]] {
        var paths: [[String]] = []
        Self.collect(document.root, path: []) { path, index in if index != nil { paths.append(path) } }
        return paths
    }

    /// Every text, by its path joined by points.
    var texts: [String: String] {
        var texts: [String: String] = [:]
        Self.collect(document.root, path: []) { path, index in
            texts[path.joined(separator: ".")] = index.flatMap { document.leaves[$0].scalar?.text }
        }
        return texts
    }

    /// Calls `body` with the path of every value and its position, nil for empty lists and mappings.
    private static func collect(_ node: SopsNode, path: [String], _ body: ([String], Int?) -> Void) {
        switch node {
        case .list(let items) where items.isEmpty: body(path, nil)
        case .map(let entries) where entries.isEmpty: body(path, nil)
        case .leaf(let index): body(path, index)
        case .list(let items):
            for (index, item) in items.enumerated() { collect(item, path: path + [String(index)], body) }
        case .map(let entries):
            for (key, node) in entries { collect(node, path: path + [key], body) }
        }
    }
}
