import OpsCore

/// One value or comment of a SOPS document.
struct SopsLeaf: Sendable {
    /// The keys above it, without list positions.
    var path: [String]
    /// The value as it stands in the file; nil for null. A comment's text begins after its `#`.
    var scalar: SopsScalar?
    var location: SourceLocation
    /// Where its text stands in the file's bytes, quotes included.
    var range: Range<Int>
    /// Columns that the lines of a multi-line value must be deeper than; nil where it must be on one line.
    var blockIndent: Int?
    /// Comments in force here, for the rules that go by comments.
    var comments: [String] = []

    var isComment: Bool { scalar?.kind == .comment }
}

/// How the leaves of a document hang together.
indirect enum SopsNode: Sendable {
    /// Position in the document's list of leaves.
    case leaf(Int)
    case list([SopsNode])
    case map([(key: String, node: SopsNode)])

    /// What stands under a path of keys and list positions; nil if nothing does.
    subscript(path: some Collection<String>) -> SopsNode? {
        guard let first = path.first else { return self }
        switch self {
        case .leaf: return nil
        case .list(let items):
            guard let index = Int(first), items.indices.contains(index) else { return nil }
            return items[index][path.dropFirst()]
        case .map(let entries):
            return entries.first { $0.key == first }?.node[path.dropFirst()]
        }
    }
}

/// A parsed SOPS file of any format: its text, its leaves in document order and its metadata.
struct SopsDocument: Sendable {
    var text: [UInt8]
    var root: SopsNode
    /// Values in document order, then comments.
    var leaves: [SopsLeaf]
    /// Nil in a file that isn't encrypted.
    var metadata: SopsMetadata?
    /// The bytes that hold the metadata; without them the text is a document of the same format.
    var metadataRange: Range<Int>?

    /// The text with some ranges replaced; they must not overlap.
    func replacing(_ edits: [(range: Range<Int>, text: String)]) -> [UInt8] {
        var result: [UInt8] = []
        var position = 0
        for edit in edits.sorted(by: {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }) {
            result += text[position..<edit.range.lowerBound]
            result += edit.text.utf8
            position = edit.range.upperBound
        }
        return result + text[position...]
    }
}
