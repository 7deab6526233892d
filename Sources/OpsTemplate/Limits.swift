import OpsCore

/// Bounds that keep a template from hanging or exhausting the program. Reaching one is an error.
public struct Limits: Hashable, Sendable {
    /// UTF-8 bytes that one rendering may produce, captured and intermediate text included.
    public var outputSize = 64 << 20
    /// Rounds of all loops of one rendering together, ranges and generated items included.
    public var iterations = 5_000_000
    /// Items of lists and mappings that one rendering may visit in printing, comparing and converting values.
    public var visits = 10_000_000
    /// How deep macros, includes, blocks and recursive loops may call each other, in levels of nested
    /// statements and expressions, each call counting those of the template it is in.
    public var callDepth = 2000
    /// Steps that one regular expression may take on one text.
    public var regexSteps = 2_000_000

    public init() {}

    /// How deep lists and maps may nest where they are printed, compared or handed on.
    static let maximumValueDepth = 200

    static let tooDeep = Diagnostic(
        code: "template-limit", "the value is nested too deep, the limit is \(maximumValueDepth) levels")

    /// The most elements that one operation may produce at once (`'x' * n`, `range`, padding).
    static let maximumRepetition = 10_000_000

    static func exceeded(_ what: String, _ limit: Int) -> Diagnostic {
        Diagnostic(code: "template-limit", "\(what), the limit is \(limit)")
    }
}
