/// Whether and how text is coloured. Decided once, when the program starts.
public struct OutputStyle: Sendable, Hashable {
    public var colour: Bool

    public init(colour: Bool) { self.colour = colour }

    public static let plain = OutputStyle(colour: false)
    public static let coloured = OutputStyle(colour: true)

    /// Colour on a terminal, unless `NO_COLOR` is set to anything (https://no-color.org) or the
    /// terminal can't (`TERM=dumb`). `CLICOLOR_FORCE` gives colour to a pipe (https://bixense.com/clicolors).
    public static func detect(isTerminal: Bool, environment: [String: String]) -> OutputStyle {
        if environment["NO_COLOR"]?.isEmpty == false { return .plain }
        if let force = environment["CLICOLOR_FORCE"], force != "", force != "0" { return .coloured }
        return OutputStyle(colour: isTerminal && environment["TERM"] != "dumb")
    }

    /// The few ways in which text stands out. What a colour says is always said in words too.
    public enum Role: String, Sendable, CaseIterable {
        case changed = "33"
        case good = "32"
        case bad = "31"
        case warning = "35"
        case accent = "36"
        case strong = "1"
        case quiet = "2"
    }

    /// The text in its role's colour. The text must be free of control characters: see `TerminalText`.
    public func paint(_ text: String, _ role: Role?) -> String {
        guard colour, let role, !text.isEmpty else { return text }
        return "\u{1B}[\(role.rawValue)m\(text)\u{1B}[0m"
    }
}
