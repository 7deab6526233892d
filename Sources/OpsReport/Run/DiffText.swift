/// A unified diff with its lines escaped and coloured.
struct DiffText {
    var style: OutputStyle

    func lines(_ diff: String, limit: Int) -> [String] {
        var lines = diff.split(omittingEmptySubsequences: false) { $0 == "\n" }
        if lines.last?.isEmpty == true { lines.removeLast() }
        let shown = lines.prefix(limit).enumerated().map { number, line in
            style.paint(TerminalText.line(line), role(line, isHeader: number < 2))
        }
        let hidden = lines.count - shown.count
        return hidden > 0 ? shown + ["… \(Phrase.count(hidden, "more line"))"] : shown
    }

    /// Only the first two lines are headers: a deleted line that starts with `--` begins with `---` as well.
    private func role(_ line: Substring, isHeader: Bool) -> OutputStyle.Role? {
        switch line.first {
        case "-": isHeader ? .strong : .bad
        case "+": isHeader ? .strong : .good
        case "@": .accent
        case "\\": .quiet
        default: nil
        }
    }
}
