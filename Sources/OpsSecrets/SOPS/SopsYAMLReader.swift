import OpsCore
import Yams

/// Reads a YAML document as SOPS sees it: leaves in order, string keys, the `sops` key apart.
struct SopsYAMLReader {
    private let file: String
    private var leaves: [SopsLeaf] = []

    /// - Throws: `Diagnostic` for what SOPS can't hold: several documents, anchors, keys that aren't text
    static func read(_ text: String, file: String) throws(Diagnostic) -> SopsDocument {
        var reader = SopsYAMLReader(file: file)
        guard let root = try SopsYAML.compose(text, file: file) else {
            return SopsDocument(text: Array(text.utf8), root: .map([]), leaves: [], metadata: nil)
        }
        guard case .mapping(let mapping) = root else {
            throw Diagnostic(
                code: "secret-unsupported", "the document must be a mapping", at: SourceLocation(file: file))
        }
        var metadata: SopsMetadata?
        var entries: [(key: String, node: SopsNode)] = []
        for (key, node) in mapping {
            let name = try reader.name(of: key)
            if name == "sops" {
                let location = SopsYAML.location(key.mark, file: file)
                metadata = try SopsMetadata(try reader.metadataValue(node), at: location)
            } else {
                entries.append((name, try reader.node(node, path: [name])))
            }
        }
        return SopsDocument(
            text: Array(text.utf8), root: .map(entries), leaves: reader.leaves, metadata: metadata)
    }

    private init(file: String) { self.file = file }

    private mutating func node(_ node: Node, path: [String]) throws(Diagnostic) -> SopsNode {
        try refuseAnchor(node)
        switch node {
        case .scalar(let scalar):
            leaves.append(SopsLeaf(
                path: path, scalar: SopsYAMLScalar.resolve(scalar),
                location: SopsYAML.location(scalar.mark, file: file), range: 0..<0))
            return .leaf(leaves.count - 1)
        case .sequence(let items):
            var list: [SopsNode] = []
            for item in items { list.append(try self.node(item, path: path)) }
            return .list(list)
        case .mapping(let mapping):
            var entries: [(key: String, node: SopsNode)] = []
            for (key, value) in mapping {
                let name = try name(of: key)
                entries.append((name, try self.node(value, path: path + [name])))
            }
            return .map(entries)
        case .alias: throw anchors(node)
        }
    }

    private func name(of key: Node) throws(Diagnostic) -> String {
        try refuseAnchor(key)
        guard case .scalar(let scalar) = key else {
            throw Diagnostic(
                code: "secret-unsupported", "a key must be text", at: SopsYAML.location(key.mark, file: file))
        }
        return scalar.string
    }

    /// An alias always comes after its anchor, so this also keeps aliases from multiplying a document.
    private func refuseAnchor(_ node: Node) throws(Diagnostic) {
        let anchor: Anchor? =
            switch node {
            case .scalar(let scalar): scalar.anchor
            case .mapping(let mapping): mapping.anchor
            case .sequence(let sequence): sequence.anchor
            case .alias(let alias): alias.anchor
            }
        if anchor != nil { throw anchors(node) }
    }

    private func anchors(_ node: Node) -> Diagnostic {
        Diagnostic(
            code: "secret-unsupported", "SOPS files can't hold anchors and aliases",
            at: SopsYAML.location(node.mark, file: file), hints: ["write the value out where it is used"])
    }

    /// Metadata as plain values.
    private func metadataValue(_ node: Node) throws(Diagnostic) -> Value {
        try refuseAnchor(node)
        switch node {
        case .scalar(let scalar):
            return SopsYAMLScalar.resolve(scalar).map { $0.kind == .bool ? $0.value(isSecret: false) : .string(scalar.string) } ?? .null
        case .sequence(let items):
            var list: [Value] = []
            for item in items { list.append(try metadataValue(item)) }
            return .list(list)
        case .mapping(let mapping):
            var map = ValueMap()
            for (key, value) in mapping { map[try name(of: key)] = try metadataValue(value) }
            return .map(map)
        case .alias: throw anchors(node)
        }
    }
}
