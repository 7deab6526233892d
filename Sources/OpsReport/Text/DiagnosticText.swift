import OpsCore

/// Shows diagnostics as people read them: place, reason, the line with a caret, what to do next.
///
/// ```
/// playbooks/deploy.yml:14:9: error: unknown key 'detination' in module 'copy'
///    13 |     copy:
///    14 |       detination: /etc/motd
///       |       ^
/// hint: did you mean 'destination'?
/// ```
public struct DiagnosticText: Sendable {
    public var style: OutputStyle
    /// Columns that excerpts may take; messages and hints are never cut to the width.
    public var width: Int
    /// The text of a file, by the name that locations carry; nil shows no excerpt.
    public var source: @Sendable (_ file: String) -> String?

    public init(
        style: OutputStyle = .plain, width: Int = 120,
        source: @escaping @Sendable (_ file: String) -> String? = { _ in nil }
    ) {
        self.style = style
        self.width = max(20, width)
        self.source = source
    }

    /// One diagnostic; the last line ends in a newline.
    public func text(_ diagnostic: Diagnostic) -> String {
        lines(diagnostic).map { $0 + "\n" }.joined()
    }

    /// All of them, each file's together in the order of its lines, and their count at the end. Ones
    /// without a place come first.
    public func text(_ diagnostics: [Diagnostic]) -> String {
        let sorted = diagnostics.enumerated().sorted { a, b in
            switch (a.element.location, b.element.location) {
            case (let left?, let right?) where left != right: left < right
            case (nil, .some): true
            case (.some, nil): false
            default: a.offset < b.offset
            }
        }
        let all = sorted.map { text($0.element) }.joined(separator: "\n")
        return diagnostics.count < 2 ? all : all + "\n" + Self.count(diagnostics) + "\n"
    }

    /// `2 errors, 1 warning`
    public static func count(_ diagnostics: [Diagnostic]) -> String {
        let errors = diagnostics.count { $0.severity == .error }
        let warnings = diagnostics.count - errors
        var parts: [String] = []
        if errors > 0 { parts.append(Phrase.count(errors, "error")) }
        if warnings > 0 { parts.append(Phrase.count(warnings, "warning")) }
        return parts.joined(separator: ", ")
    }

    func lines(_ diagnostic: Diagnostic) -> [String] {
        let message = TerminalText.block(diagnostic.message, limit: 40, lineLimit: 2000)
        let place = diagnostic.location.map { TerminalText.line($0.description) + ": " } ?? ""
        let severity = style.paint("\(diagnostic.severity.rawValue):", diagnostic.severity == .error ? .bad : .warning)
        var lines = [style.paint(place, .strong) + severity + " " + (message.first ?? "no reason given")]
        lines += message.dropFirst().map { "  " + $0 }
        if let location = diagnostic.location { lines += excerpt(location) }
        return lines + diagnostic.trail.prefix(20).map(note) + hints(of: diagnostic)
    }

    /// Place, excerpt and trail, for where the message has been said already.
    func context(of diagnostic: Diagnostic) -> [String] {
        let trail = diagnostic.trail.prefix(20).map(note)
        guard let location = diagnostic.location else { return trail }
        return ["at " + style.paint(TerminalText.line(location.description), .strong)] + excerpt(location) + trail
    }

    func hints(of diagnostic: Diagnostic?) -> [String] {
        (diagnostic?.hints ?? []).prefix(20).map { style.paint("hint:", .accent) + " " + TerminalText.line($0) }
    }

    private func note(_ note: Diagnostic.Note) -> String {
        let place = note.location.map { TerminalText.line($0.description) + ": " } ?? ""
        return place + style.paint("note:", .quiet) + " " + TerminalText.line(note.message)
    }

    private func excerpt(_ location: SourceLocation) -> [String] {
        guard let text = source(location.file) else { return [] }
        return SourceExcerpt(location: location, width: width).lines(of: text, style: style)
    }
}
