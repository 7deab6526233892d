/// Breaks long lines into rows that keep their indentation, at spaces where there are any.
///
/// Left to the terminal, a broken line starts again in the first column and looks like another host's.
enum LineWrap {
    /// - Parameters:
    ///   - line: escaped text, which may contain this program's own colours.
    ///   - hanging: columns by which rows after the first are indented; at most half of the width.
    static func rows(_ line: String, columns: Int, hanging: Int) -> [String] {
        guard columns > 0, line.utf8.count > columns else { return [line] }
        let indent = Array(repeating: Piece(text: " ", width: 1), count: min(hanging, columns / 2))
        var rows: [String] = []
        var row: [Piece] = []
        var (width, start) = (0, 0)
        for piece in pieces(line) {
            if width + piece.width > columns {
                let end = breakPoint(row, after: start)
                rows.append(text(row[..<end]))
                row = indent + row[end...].drop { $0.text == " " }
                width = row.reduce(0) { $0 + $1.width }
                start = indent.count
            }
            row.append(piece)
            width += piece.width
        }
        return rows + [row.map(\.text).joined()]
    }

    /// Without spaces at the end, which would only be in the way of copying.
    private static func text(_ row: ArraySlice<Piece>) -> String {
        let kept = row.lastIndex { $0.text != " " }.map { $0 + 1 } ?? row.startIndex
        return row[..<kept].map(\.text).joined()
    }

    private struct Piece {
        var text: String
        var width: Int
    }

    /// Characters, and colour sequences as pieces without width.
    private static func pieces(_ line: String) -> [Piece] {
        var pieces: [Piece] = []
        var rest = Substring(line)
        while let character = rest.first {
            if character == "\u{1B}", let end = rest.firstIndex(of: "m") {
                pieces.append(Piece(text: String(rest[...end]), width: 0))
                rest = rest[rest.index(after: end)...]
            } else {
                pieces.append(Piece(text: String(character), width: CharacterWidth.of(character)))
                rest.removeFirst()
            }
        }
        return pieces
    }

    /// Behind the last space, unless that wastes more than half of the row.
    private static func breakPoint(_ row: [Piece], after start: Int) -> Int {
        guard let space = row.lastIndex(where: { $0.text == " " }), space > max(start, row.count / 2) else {
            return row.count
        }
        return space + 1
    }
}
