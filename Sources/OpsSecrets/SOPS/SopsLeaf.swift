import OpsCore

/// One value or comment of a SOPS document.
struct SopsLeaf: Sendable {
    /// The keys above it, without list positions.
    var path: [String]
    /// The value as it stands in the file; nil for null. A comment's text begins after its `#`.
    var scalar: SopsScalar?
    var location: SourceLocation
    /// Where it stands in the file's bytes.
    var range: Range<Int>
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
}

/// A parsed SOPS file of any format: its text, its leaves in document order and its metadata.
struct SopsDocument: Sendable {
    var text: [UInt8]
    var root: SopsNode
    var leaves: [SopsLeaf]
    /// Nil in a file that isn't encrypted.
    var metadata: SopsMetadata?
}
