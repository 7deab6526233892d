import OpsCore

/// Bounds how many comments are in force, counted for every value and comment that they are in force for: thousands of
/// lines of comments would take all memory.
struct SopsCommentBudget {
    let file: String
    private var left = 1_000_000

    init(file: String) { self.file = file }

    /// - Returns: the comments
    mutating func spend(_ comments: [String]) throws(Diagnostic) -> [String] {
        left -= comments.count
        guard left >= 0 else {
            throw Diagnostic(code: "secret-too-large", "too many comments", at: SourceLocation(file: file))
        }
        return comments
    }
}
