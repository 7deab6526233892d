import OpsCore

/// The line of a place, the line before it and a caret, fitted to a width.
struct SourceExcerpt {
    var location: SourceLocation
    var width: Int

    /// Empty if the place isn't in the text.
    func lines(of text: String, style: OutputStyle) -> [String] {
        let wanted = location.line
        guard wanted >= 1 else { return [] }
        let upTo = text.split(maxSplits: wanted, omittingEmptySubsequences: false) { $0.isNewline }.prefix(wanted)
        guard upTo.count == wanted, let line = upTo.last else { return [] }
        let gutter = String(wanted).count + 3
        var lines: [String] = []
        if let before = upTo.dropLast().last, before.contains(where: { !$0.isWhitespace }) {
            lines.append(numbered(wanted - 1, gutter, window(before, from: start(in: line)).text, style))
        }
        let (shown, caret) = window(line, from: start(in: line))
        lines.append(numbered(wanted, gutter, shown, style))
        let bar = style.paint(String(repeating: " ", count: gutter) + " | ", .quiet)
        lines.append(bar + String(repeating: " ", count: caret) + style.paint("^", .bad))
        return lines
    }

    private func numbered(_ number: Int, _ gutter: Int, _ text: String, _ style: OutputStyle) -> String {
        style.paint(TerminalText.pad(String(number), to: gutter, right: true) + " |", .quiet)
            + (text.isEmpty ? "" : " " + text)
    }

    private var columns: Int { max(10, width - String(location.line).count - 6) }

    /// The character from which a long line is shown, so that the place is in sight: two thirds into the width.
    private func start(in line: Substring) -> Int {
        let place = min(location.column - 1, line.count)
        return place < columns - 1 ? 0 : place - columns * 2 / 3
    }

    /// The part of a line that is shown, and the column of the place in it.
    private func window(_ line: Substring, from start: Int) -> (text: String, caret: Int) {
        let lead = start > 0 ? "…" : ""
        let visible = line.dropFirst(start)
        let text = TerminalText.truncate(lead + TerminalText.line(visible.prefix(columns * 2)), to: columns)
        let before = visible.prefix(max(0, location.column - 1 - start))
        return (text, TerminalText.width(lead + TerminalText.line(before)))
    }
}
