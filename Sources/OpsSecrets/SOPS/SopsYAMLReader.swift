import OpsCore
import Yams

/// Reads a YAML document as SOPS sees it: leaves in order, string keys, the `sops` key apart.
struct SopsYAMLReader {
    private let file: String
    private let text: SopsYAMLText
    private var leaves: [SopsLeaf] = []
    private var layout = SopsYAMLComments()
    /// Where the last node began.
    private var position = 0

    /// - Throws: `Diagnostic` for what SOPS can't hold: several documents, anchors, keys that aren't text
    static func read(_ text: String, file: String) throws(Diagnostic) -> SopsDocument {
        guard let root = try SopsYAML.compose(text, file: file) else {
            return SopsDocument(text: Array(text.utf8), root: .map([]), leaves: [])
        }
        guard case .mapping(let mapping) = root else {
            throw Diagnostic(
                code: "secret-unsupported", "the document must be a mapping", at: SourceLocation(file: file))
        }
        var reader = SopsYAMLReader(file: file, text: SopsYAMLText(text))
        return try reader.document(mapping)
    }

    private init(file: String, text: SopsYAMLText) { (self.file, self.text) = (file, text) }

    private mutating func document(_ mapping: Node.Mapping) throws(Diagnostic) -> SopsDocument {
        var document = SopsDocument(text: text.bytes, root: .map([]), leaves: [])
        var entries: [(key: String, node: SopsNode)] = []
        var names: Set<String> = []
        for (key, node) in mapping {
            let name = try name(of: key)
            let lineStart = text.lineStart(text.line(of: text.offset(of: key.mark)))
            if let range = document.metadataRange, range.upperBound == text.bytes.count {
                document.metadataRange = range.lowerBound..<lineStart
            }
            guard names.insert(name).inserted else { throw duplicate(key) }
            if name == SopsYAML.metadataKey {
                document.metadata = try SopsMetadata(
                    try metadataValue(node), at: SopsYAML.location(key.mark, file: file))
                document.metadataRange = lineStart..<text.bytes.count
            } else {
                entries.append((name, try entry(key, node, path: [], parent: nil, isFlow: isFlow(mapping.mark))))
            }
        }
        document.root = .map(entries)
        let comments = try layout.comments(of: text, leaves: &leaves, outside: document.metadataRange, file: file)
        document.leaves = leaves + comments
        return document
    }

    /// One key and its value.
    private mutating func entry(
        _ key: Node, _ value: Node, path: [String], parent: Int?, isFlow: Bool
    ) throws(Diagnostic) -> SopsNode {
        let name = try name(of: key)
        guard case .scalar(let scalar) = key else { return .map([]) }
        let column = (key.mark?.column ?? 1) - 1
        layout.covered.append(try range(scalar, parentIndent: column))
        let index = layout.begin(at: text.offset(of: key.mark), column: column, path: path, parent: parent)
        return try node(value, path: path + [name], entry: index, indent: column, isFlow: isFlow)
    }

    private mutating func node(
        _ node: Node, path: [String], entry: Int, indent: Int, isFlow: Bool
    ) throws(Diagnostic) -> SopsNode {
        try refuseAlias(node)
        switch node {
        case .scalar(let scalar): return try leaf(scalar, path: path, entry: entry, indent: indent, isFlow: isFlow)
        case .sequence(let items):
            let column = (items.mark?.column ?? 1) - 1
            let flow = isFlow || self.isFlow(items.mark)
            var list: [SopsNode] = []
            for item in items {
                let index = layout.begin(at: text.offset(of: item.mark), column: column, path: path, parent: entry)
                list.append(try self.node(item, path: path, entry: index, indent: column, isFlow: flow))
            }
            return .list(list)
        case .mapping(let mapping):
            let flow = isFlow || self.isFlow(mapping.mark)
            var entries: [(key: String, node: SopsNode)] = []
            var names: Set<String> = []
            for (key, value) in mapping {
                let name = try name(of: key)
                guard names.insert(name).inserted else { throw duplicate(key) }
                entries.append((name, try self.entry(key, value, path: path, parent: entry, isFlow: flow)))
            }
            return .map(entries)
        case .alias: throw anchors(node)
        }
    }

    private mutating func leaf(
        _ scalar: Node.Scalar, path: [String], entry: Int, indent: Int, isFlow: Bool
    ) throws(Diagnostic) -> SopsNode {
        guard !InlineVault.tags.contains(scalar.tag.description) else {
            throw Diagnostic(
                code: "secret-encrypted", "the value is an Ansible Vault one",
                at: SopsYAML.location(scalar.mark, file: file),
                hints: ["opsctl secrets migrate \(file) --format sops decrypts it and encrypts all values"])
        }
        let range = try range(scalar, parentIndent: indent)
        layout.covered.append(range)
        layout.leafEntries.append(entry)
        leaves.append(
            SopsLeaf(
                path: path, scalar: SopsYAMLScalar.resolve(scalar),
                location: SopsYAML.location(scalar.mark, file: file), range: range,
                blockIndent: isFlow ? nil : indent))
        return .leaf(leaves.count - 1)
    }

    /// Whether a list or mapping stands in brackets; the parser's own word is about their end.
    private func isFlow(_ mark: Mark?) -> Bool {
        let offset = text.offset(of: mark)
        return offset < text.bytes.count && [UInt8(ascii: "["), UInt8(ascii: "{")].contains(text.bytes[offset])
    }

    private func range(_ scalar: Node.Scalar, parentIndent: Int) throws(Diagnostic) -> Range<Int> {
        guard let range = text.range(of: scalar, parentIndent: parentIndent) else {
            throw Diagnostic(
                code: "secret-unsupported", "this way of writing a value is not supported",
                at: SopsYAML.location(scalar.mark, file: file), hints: ["write it in double quotes on one line"])
        }
        return range
    }

    private mutating func name(of key: Node) throws(Diagnostic) -> String {
        try refuseAlias(key)
        guard case .scalar(let scalar) = key else {
            throw Diagnostic(
                code: "secret-unsupported", "a key must be text", at: SopsYAML.location(key.mark, file: file))
        }
        return scalar.string
    }

    /// An alias comes as a copy of what it names, with the place of that, so it is a step back in the text.
    /// (The nodes' own notes of their anchors are weak references and mostly gone.)
    private mutating func refuseAlias(_ node: Node) throws(Diagnostic) {
        let offset = text.offset(of: node.mark)
        guard offset >= position else { throw anchors(node) }
        position = offset
    }

    /// To the parser, keys of the same name and different tags are two.
    private func duplicate(_ key: Node) -> Diagnostic {
        Diagnostic(code: "yaml-duplicate-key", "a key is there twice", at: SopsYAML.location(key.mark, file: file))
    }

    private func anchors(_ node: Node) -> Diagnostic {
        Diagnostic(
            code: "secret-unsupported", "SOPS files can't hold anchors and aliases",
            at: SopsYAML.location(node.mark, file: file), hints: ["write the value out where it is used"])
    }

    /// Metadata as plain values.
    private mutating func metadataValue(_ node: Node) throws(Diagnostic) -> Value {
        try refuseAlias(node)
        switch node {
        case .scalar(let scalar):
            guard let resolved = SopsYAMLScalar.resolve(scalar) else { return .null }
            return resolved.kind == .bool ? resolved.value(isSecret: false) : .string(scalar.string)
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
