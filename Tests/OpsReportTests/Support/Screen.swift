/// Enough of a terminal to see what a person would: text, wrapping, cursor up, clear below, cursor on and off.
///
/// Lines that scroll out at the top are kept, but the cursor can't go back to them.
struct Screen {
    let columns: Int
    let rows: Int
    private(set) var isCursorShown = true
    /// Sequences it does not know: a reporter must not send any.
    private(set) var unknown: [String] = []
    private var lines: [[Character]] = [[]]
    private var row = 0
    private var column = 0

    init(columns: Int = 100, rows: Int = 24) {
        self.columns = columns
        self.rows = rows
    }

    var text: String {
        lines.map { String($0) }.joined(separator: "\n")
    }

    mutating func write(_ text: String) {
        var rest = Substring(text)
        while let character = rest.popFirst() {
            switch character {
            case "\n": newline()
            case "\u{1B}": escape(&rest)
            default: put(character)
            }
        }
    }

    private mutating func newline() {
        row += 1
        column = 0
        if row == lines.count { lines.append([]) }
    }

    private mutating func put(_ character: Character) {
        if column >= columns { newline() }
        lines[row] += Array(repeating: " ", count: max(0, column - lines[row].count))
        if column < lines[row].count { lines[row][column] = character } else { lines[row].append(character) }
        column += 1
    }

    private mutating func escape(_ rest: inout Substring) {
        let sequence = rest.prefix { $0 != "\u{1B}" }
        guard let match = sequence.prefixMatch(of: /\[([?0-9;]*)([A-Za-z])/) else {
            unknown.append(String(sequence))
            return
        }
        rest = rest.dropFirst(match.0.count)
        switch (match.2, match.1) {
        case ("A", let count): row = max(max(0, lines.count - rows), row - (Int(count) ?? 1))
        case ("J", ""):
            lines.removeSubrange((row + 1)...)
            lines[row] = Array(lines[row].prefix(column))
        case ("h", "?25"): isCursorShown = true
        case ("l", "?25"): isCursorShown = false
        case ("m", _): break
        default: unknown.append(String(match.0))
        }
    }
}
