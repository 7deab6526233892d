import OpsCore

extension SopsYAML {
    /// Adds a key after the last one of the deepest mapping on its path that exists.
    static func inserting(
        _ scalar: SopsScalar, at path: [String], in document: SopsDocument, file: String
    ) throws(Diagnostic) -> [UInt8] {
        let depth = (0..<path.count).last { document.root[path.prefix($0)] != nil } ?? 0
        guard case .map(let entries)? = document.root[path.prefix(depth)] else {
            throw Diagnostic(
                code: "secret-no-such-key", "there is no place for '\(path.joined(separator: "."))'",
                at: SourceLocation(file: file),
                hints: ["'\(path.prefix(depth).joined(separator: "."))' is not a mapping"])
        }
        let place = try place(after: entries, in: document, isTop: depth == 0, file: file)
        var text = String(repeating: " ", count: place.indent)
        var indent = place.indent
        for key in path[depth..<(path.count - 1)] {
            indent += 4
            text += "\(string(key, blockIndent: nil)):\n" + String(repeating: " ", count: indent)
        }
        text += "\(string(path[path.count - 1], blockIndent: nil)): "
        let leaf = SopsLeaf(path: path, location: SourceLocation(file: file), range: 0..<0, blockIndent: indent)
        text += plain(scalar, at: leaf)
        return document.replacing([(place.offset..<place.offset, (place.needsBreak ? "\n" : "") + text + "\n")])
    }

    private struct Place {
        var offset: Int
        var indent: Int
        var needsBreak: Bool
    }

    /// The line after the mapping's last value, at the column of its keys.
    private static func place(
        after entries: [(key: String, node: SopsNode)], in document: SopsDocument, isTop: Bool, file: String
    ) throws(Diagnostic) -> Place {
        let text = document.text
        guard let last = entries.last, let leaf = lastLeaf(last.node) else {
            guard isTop, entries.isEmpty else { throw refusal(file) }
            return Place(offset: text.count, indent: 0, needsBreak: text.last ?? 10 != 10)
        }
        let indent = isTop ? 0 : entries.compactMap { directIndent($0.node, document) }.first
        guard let indent, document.leaves[leaf].blockIndent != nil else { throw refusal(file) }
        let end = text[document.leaves[leaf].range.upperBound...].firstIndex(of: 10)
        return Place(offset: end.map { $0 + 1 } ?? text.count, indent: indent, needsBreak: end == nil)
    }

    /// The column of a mapping's keys, as its plain values know it.
    private static func directIndent(_ node: SopsNode, _ document: SopsDocument) -> Int? {
        if case .leaf(let index) = node { return document.leaves[index].blockIndent }
        return nil
    }

    private static func lastLeaf(_ node: SopsNode) -> Int? {
        switch node {
        case .leaf(let index): index
        case .list(let items): items.last.flatMap(lastLeaf)
        case .map(let entries): entries.last.flatMap { lastLeaf($0.node) }
        }
    }

    private static func refusal(_ file: String) -> Diagnostic {
        Diagnostic(
            code: "secret-no-such-key", "a key can't be added to this mapping by itself",
            at: SourceLocation(file: file), hints: ["add it with: opsctl secrets edit \(file)"])
    }
}
