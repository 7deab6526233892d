/// A place in a text that a user wrote.
public struct SourceLocation: Hashable, Sendable, Codable, Comparable {
    /// Path as the user would type it: relative to the project where possible.
    public var file: String
    /// Counted from 1.
    public var line: Int
    /// Counted from 1, in characters.
    public var column: Int

    public init(file: String, line: Int = 1, column: Int = 1) {
        self.file = file
        self.line = line
        self.column = column
    }

    public static func < (a: SourceLocation, b: SourceLocation) -> Bool {
        (a.file, a.line, a.column) < (b.file, b.line, b.column)
    }
}

extension SourceLocation: CustomStringConvertible {
    /// `file:line:column`, the form that editors and terminals can follow.
    public var description: String { "\(file):\(line):\(column)" }
}
