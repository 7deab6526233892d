import OpsCore

/// One check as a line, with its explanation beneath.
struct CheckText {
    var style: OutputStyle

    /// `✗ grafana health: expected 200, got 503 (30.0 s)`
    /// - Parameter hosts: named where several were checked.
    func lines(_ check: Check, on hosts: [String] = [], withDetails: Bool) -> [String] {
        let name = TerminalText.line("\(check.resource) \(check.property)", limit: 300)
        var line = style.paint(check.status.symbol, check.status.role) + " " + name + ": " + result(check)
        if !hosts.isEmpty { line += " on " + Phrase.names(hosts.map { TerminalText.line($0, limit: 100) }) }
        if check.seconds >= 1 { line += " " + style.paint("(\(Phrase.time(check.seconds)))", .quiet) }
        guard withDetails else { return [line] }
        return [line] + details(check).map { "    " + $0 }
    }

    /// The explanation's lines, escaped and bounded.
    func details(_ check: Check) -> [String] {
        TerminalText.block(check.details.joined(separator: "\n"), limit: 40)
    }

    private func result(_ check: Check) -> String {
        let expected = TerminalText.line(check.expected, limit: 300)
        let actual = TerminalText.line(check.actual, limit: 300)
        switch check.status {
        case .pass: return actual.isEmpty ? expected : actual
        case .skip: return "skipped" + (actual.isEmpty ? "" : ", " + actual)
        case .fail: return "expected \(expected), got \(actual.isEmpty ? "nothing" : actual)"
        case .unknown: return "expected \(expected), unknown" + (actual.isEmpty ? "" : ": " + actual)
        }
    }
}

extension Check.Status {
    var symbol: String {
        switch self {
        case .pass: "✓"
        case .fail: "✗"
        case .skip: "–"
        case .unknown: "?"
        }
    }

    var role: OutputStyle.Role {
        switch self {
        case .pass: .good
        case .fail: .bad
        case .skip: .quiet
        case .unknown: .warning
        }
    }
}
