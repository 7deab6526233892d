/// Rows of a text as Python's `csv` reads them: fields between delimiters, `"` around those that need it.
enum DelimitedText {
    static func rows(_ text: String, delimiter: Character) -> [[String]] {
        var rows: [[String]] = []
        var row: [String] = []
        var field = ""
        var isQuoted = false
        var isOpen = false
        var rest = text[...]
        func closeRow() {
            if isOpen || !row.isEmpty { rows.append(row + [field]) }
            (row, field, isOpen) = ([], "", false)
        }
        while let character = rest.popFirst() {
            if isQuoted {
                if character != "\"" { field.append(character) } else if rest.first == "\"" {
                    field.append("\"")
                    rest = rest.dropFirst()
                } else { isQuoted = false }
            } else if character == "\"", field.isEmpty {
                (isQuoted, isOpen) = (true, true)
            } else if character == delimiter {
                row.append(field)
                (field, isOpen) = ("", true)
            } else if character.isNewline {
                closeRow()
            } else {
                field.append(character)
                isOpen = true
            }
        }
        closeRow()
        return rows
    }
}
