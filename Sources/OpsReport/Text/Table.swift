/// Columns aligned to their content under a header, without borders; easy to read, to copy and to `awk`.
public struct Table: Sendable {
    public struct Column: Sendable {
        public var title: String
        /// Numbers stand at the right.
        public var isNumber: Bool
        /// Columns below which a narrow terminal does not shrink it; nil never shrinks.
        public var minimum: Int?

        public init(_ title: String, isNumber: Bool = false, minimum: Int? = nil) {
            self.title = title
            self.isNumber = isNumber
            self.minimum = minimum
        }
    }

    /// A cell's text, escaped when shown, and how it stands out.
    public struct Cell: Sendable, ExpressibleByStringInterpolation {
        public var text: String
        public var role: OutputStyle.Role?

        public init(_ text: String, _ role: OutputStyle.Role? = nil) {
            self.text = text
            self.role = role
        }

        public init(stringLiteral value: String) { self.init(value) }
    }

    public var columns: [Column]
    public private(set) var rows: [[Cell]] = []

    public init(_ columns: [Column]) { self.columns = columns }

    /// Missing cells are empty, further ones are left out.
    public mutating func add(_ cells: [Cell]) {
        let missing = max(0, columns.count - cells.count)
        rows.append(Array(cells.prefix(columns.count)) + Array(repeating: "", count: missing))
    }

    /// The header and all rows. Columns without a title get one if any column has; lines end without spaces.
    /// - Parameter width: columns of the terminal; nil leaves everything as wide as it is.
    public func lines(style: OutputStyle = .plain, width: Int? = nil) -> [String] {
        let texts = rows.map { $0.map { TerminalText.line($0.text, limit: 500) } }
        let widths = fitted(natural(texts), to: width)
        let header = line(columns.map(\.title), widths) { text, _ in style.paint(text, .quiet) }
        let body = zip(texts, rows).map { texts, row in
            line(texts, widths) { text, index in style.paint(text, row[index].role) }
        }
        return columns.allSatisfy(\.title.isEmpty) ? body : [header] + body
    }

    private static let gap = "  "

    private func natural(_ texts: [[String]]) -> [Int] {
        columns.indices.map { index in
            texts.reduce(TerminalText.width(columns[index].title)) { max($0, TerminalText.width($1[index])) }
        }
    }

    /// Takes from the widest column that may shrink, again and again.
    private func fitted(_ natural: [Int], to width: Int?) -> [Int] {
        guard let width else { return natural }
        var widths = natural
        var excess = widths.reduce(0, +) + Self.gap.count * (widths.count - 1) - width
        while excess > 0 {
            let candidates = widths.indices.filter { widths[$0] > columns[$0].minimum ?? .max }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }

    private func line(_ texts: [String], _ widths: [Int], paint: (String, Int) -> String) -> String {
        let last = texts.lastIndex { !$0.isEmpty } ?? 0
        return texts.indices.prefix(last + 1).map { index in
            let text = TerminalText.truncate(texts[index], to: widths[index])
            let spaces = String(repeating: " ", count: max(0, widths[index] - TerminalText.width(text)))
            let painted = paint(text, index)
            if columns[index].isNumber { return spaces + painted }
            return index == last ? painted : painted + spaces
        }.joined(separator: Self.gap)
    }
}
