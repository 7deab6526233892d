import OpsCore

/// The names of hosts as the first column of every line.
struct HostColumn {
    /// Wider names push their line to the right.
    static let maximumWidth = 24

    private(set) var width = 0

    init(_ hosts: some Sequence<String> = []) { hosts.forEach { widen(for: $0) } }

    /// Columns never shrink in a run: lines above and below stay aligned.
    mutating func widen(for host: String) {
        width = max(width, min(Self.maximumWidth, TerminalText.width(TerminalText.line(host, limit: 100))))
    }

    func prefix(_ host: String) -> String {
        TerminalText.pad(TerminalText.line(host, limit: 100), to: width) + "  "
    }

    /// As wide as a host's prefix.
    var indent: String { String(repeating: " ", count: width + 2) }
}
