/// How a template is written: its delimiters and what happens to the white space around them.
public struct TemplateSyntax: Hashable, Sendable {
    public var blockStart = "{%"
    public var blockEnd = "%}"
    public var variableStart = "{{"
    public var variableEnd = "}}"
    public var commentStart = "{#"
    public var commentEnd = "#}"
    /// Removes the newline after a block or comment tag. On, as in Ansible; plain Jinja2 has it off.
    public var trimBlocks = true
    /// Removes the white space before a block or comment tag that begins its line.
    public var lstripBlocks = false
    /// What becomes of newlines at the end of the template.
    public var trailingNewline = TrailingNewline.restored
    /// What every line ending of the template becomes.
    public var newlineSequence = "\n"
    /// Leaves backslashes in the string literals of `{{ }}` alone, as Ansible does with texts that
    /// come from YAML, where `'\1'` has been through one parser already.
    public var keepsBackslashes = false

    public enum TrailingNewline: String, Hashable, Sendable {
        /// One newline at the end is dropped (`keep_trailing_newline=False`, Jinja2's default).
        case dropped
        /// The template ends as written (`keep_trailing_newline=True`).
        case kept
        /// The result gets back as many newlines as the template ends with (Ansible's `template`).
        case restored
    }

    public init() {}

    /// Ansible's settings, which are the default.
    public static let ansible = TemplateSyntax()

    /// Jinja2's own defaults.
    public static let jinja: TemplateSyntax = {
        var syntax = TemplateSyntax()
        syntax.trimBlocks = false
        syntax.trailingNewline = .dropped
        return syntax
    }()

    /// Whether `text` would be changed by rendering: it has one of the opening delimiters in it.
    public func containsTemplate(_ text: String) -> Bool {
        text.hasPrefix(TemplateSyntax.overridePrefix)
            || [variableStart, blockStart, commentStart].contains { text.containsText($0) }
    }

    /// The start of a first line that overrides these settings for one file.
    static let overridePrefix = "#jinja2:"
}
