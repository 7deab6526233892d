/// The lines at the bottom of a terminal that are redrawn in place.
///
/// Pure: it gives the bytes that lead from the screen as it is to the screen as it should be. The
/// cursor rests at the start of the line below the region.
struct LiveRegion {
    private(set) var lines: [String] = []
    private var widths: [Int] = []

    /// Makes the cursor visible again.
    static let showCursor = "\u{1B}[?25h"
    private static let hideCursor = "\u{1B}[?25l"
    private static let clearBelow = "\u{1B}[J"

    /// Prints `text`, which ends in a newline or is empty, above the region and draws its new lines.
    ///
    /// - Parameters:
    ///   - lines: each fits into one row and contains no control characters.
    ///   - columns: of the terminal now. If it became narrower, the old lines take more rows by now.
    mutating func draw(_ lines: [String], above text: String, style: OutputStyle, columns: Int) -> String {
        guard lines != self.lines || !text.isEmpty else { return "" }
        let rows = widths.reduce(0) { $0 + max(1, ($1 + columns - 1) / columns) }
        var output = rows > 0 ? "\u{1B}[\(rows)A" + Self.clearBelow : ""
        if self.lines.isEmpty, !lines.isEmpty { output += Self.hideCursor }
        output += text + lines.map { style.paint($0, .accent) + "\n" }.joined()
        if !self.lines.isEmpty, lines.isEmpty { output += Self.showCursor }
        self.lines = lines
        widths = lines.map { TerminalText.width($0) }
        return output
    }
}
