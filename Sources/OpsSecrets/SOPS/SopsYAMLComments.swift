import OpsCore

/// Finds the comments of a YAML text, which the parser drops, and which key each belongs to.
///
/// Outside scalars a `#` after white space can only begin a comment, so the gaps between the scalars
/// are all that is looked at. Belonging follows the library behind SOPS: a comment on a line of its own
/// goes with the next key of the same column, else with the mapping it is indented into; one after a
/// value goes with that value.
struct SopsYAMLComments {
    /// A key or list item.
    private struct Entry {
        var offset: Int
        var column: Int
        /// Keys above it.
        var path: [String]
        var parent: Int?
    }

    private var entries: [Entry] = []
    /// Texts of keys and values, in order.
    var covered: [Range<Int>] = []
    /// The entry of each leaf.
    var leafEntries: [Int] = []

    mutating func begin(at offset: Int, column: Int, path: [String], parent: Int?) -> Int {
        entries.append(Entry(offset: offset, column: column, path: path, parent: parent))
        return entries.count - 1
    }

    /// The comments as leaves; also tells every value which comments are in force for it.
    func comments(
        of text: SopsYAMLText, leaves: inout [SopsLeaf], outside metadata: Range<Int>?, file: String
    ) throws(Diagnostic) -> [SopsLeaf] {
        var comments: [SopsLeaf] = []
        var budget = SopsCommentBudget(file: file)
        var attached: [Int: [String]] = [:]
        for range in ranges(in: text.bytes) where metadata.map({ !$0.contains(range.lowerBound) }) ?? true {
            let line = text.line(of: range.lowerBound)
            let start = text.lineStart(line)
            let isAlone = text.bytes[start..<range.lowerBound - 1].allSatisfy { $0 == 32 || $0 == 9 }
            let column = range.lowerBound - 1 - start
            let home =
                isAlone
                ? homeOfLine(at: range.lowerBound, column: column) : homeOfTail(at: range.lowerBound)
            let content = String(decoding: text.bytes[range], as: UTF8.self)
            var comment = SopsLeaf(
                path: home.path, scalar: SopsScalar(.comment, content),
                location: SourceLocation(file: file, line: line + 1, column: column + 1), range: range)
            comment.comments = try budget.spend(inForce(home.entry, attached))
            comments.append(comment)
            if let entry = home.entry { attached[entry, default: []].append(content) }
        }
        if !attached.isEmpty {
            for index in leaves.indices { leaves[index].comments = try budget.spend(inForce(leafEntries[index], attached)) }
        }
        return comments
    }

    private func inForce(_ entry: Int?, _ attached: [Int: [String]]) -> [String] {
        var result: [String] = []
        var current = entry
        while let index = current {
            result = attached[index, default: []] + result
            current = entries[index].parent
        }
        return result
    }

    /// Own line: the next entry if it has the same column, else the last one before that has, else the next.
    private func homeOfLine(at offset: Int, column: Int) -> (path: [String], entry: Int?) {
        let after = firstEntry(after: offset)
        let next = after < entries.count ? after : nil
        if let next, entries[next].column == column { return (entries[next].path, next) }
        let before = entries[..<(next ?? entries.count)].last { $0.column <= column }
        if let before, before.column == column { return (before.path, nil) }
        if let next { return (entries[next].path, next) }
        return (before?.path ?? [], nil)
    }

    /// After a value: the last entry that began before.
    private func homeOfTail(at offset: Int) -> (path: [String], entry: Int?) {
        let after = firstEntry(after: offset)
        return after == 0 ? ([], nil) : (entries[after - 1].path, after - 1)
    }

    /// Position of the first entry behind an offset, where a comment stands and so no entry.
    private func firstEntry(after offset: Int) -> Int {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].offset > offset { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// From after each `#` to the end of its line.
    private func ranges(in bytes: [UInt8]) -> [Range<Int>] {
        var result: [Range<Int>] = []
        var index = 0
        var next = covered.makeIterator()
        var scalar = next.next()
        while index < bytes.count {
            if let current = scalar, index >= current.lowerBound {
                index = max(index, current.upperBound)
                scalar = next.next()
            } else if bytes[index] == UInt8(ascii: "#"), index == 0 || [32, 9, 10, 13].contains(bytes[index - 1]) {
                let end = bytes[index...].firstIndex { $0 == 10 || $0 == 13 } ?? bytes.count
                result.append(index + 1..<end)
                index = end
            } else {
                index += 1
            }
        }
        return result
    }
}
