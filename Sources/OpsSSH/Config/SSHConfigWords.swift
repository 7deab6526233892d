/// Splits a line of ssh_config into its words: blanks separate, quotes hold together, `#` begins a comment,
/// and one `=` may stand after the keyword.
enum SSHConfigWords {
    struct UnclosedQuote: Error {
        /// Counted from 1.
        var column: Int
    }

    static func split(_ line: Substring) throws(UnclosedQuote) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: (mark: Character, column: Int)?
        var column = 0
        var rest = line[...]
        while let character = rest.popFirst() {
            column += 1
            if character == "\\", let next = rest.first, "\"'\\".contains(next) || (quote == nil && next == " ") {
                word = (word ?? "") + String(next)
                rest.removeFirst()
                column += 1
            } else if let open = quote {
                if character == open.mark { quote = nil } else { word?.append(character) }
            } else if character == "\"" || character == "'" {
                quote = (character, column)
                word = word ?? ""
            } else if character.isWhitespace || (character == "=" && words.count + (word == nil ? 0 : 1) == 1) {
                if let finished = word { words.append(finished) }
                word = nil
            } else if character == "#", word == nil {
                break
            } else {
                word = (word ?? "") + String(character)
            }
        }
        if let quote { throw UnclosedQuote(column: quote.column) }
        if let word { words.append(word) }
        return words
    }
}
