import OpsCore

/// The arguments in `copy: src=a dest=b` and `command: ls -l chdir=/tmp`.
///
/// Words are split at spaces outside of quotes and template braces, as in `parsing/splitter.py`; escapes such as `\t` in
/// values are decoded.
struct ShortForm {
    var pairs: [(key: String, value: String)] = []
    /// What is left after the pairs are taken out, spaces inside kept.
    var rest = ""
    /// A quote or brace that is never closed.
    var isUnbalanced = false

    /// - Parameter isArgument: whether `key=value` with this key is an argument; other words stay.
    init(_ text: String, isArgument: (String) -> Bool) {
        let (words, balanced) = Self.words(text)
        isUnbalanced = !balanced
        var kept: [Substring] = []
        for word in words {
            guard let equals = word.firstIndex(of: "="), equals > word.startIndex, word[..<equals].last != "\\",
                isArgument(String(word[..<equals]))
            else {
                kept.append(word)
                continue
            }
            let value = PythonEscapes.decoded(String(word[word.index(after: equals)...]))
            pairs.append((String(word[..<equals]), Self.unquoted(value.trimmed)))
        }
        rest = pairs.isEmpty ? text : kept.joined(separator: " ")
    }

    private static func unquoted(_ text: String) -> String {
        guard text.count > 1, let first = text.first, first == "'" || first == "\"", text.last == first else { return text }
        return String(text.dropFirst().dropLast())
    }

    private static func words(_ text: String) -> ([Substring], balanced: Bool) {
        var words: [Substring] = []
        var start: String.Index?
        var quote: Character?
        var depth = 0
        var previous: Character = " "
        for index in text.indices {
            let character = text[index]
            if start == nil, !character.isWhitespace { start = index }
            if let open = quote {
                if character == open, previous != "\\" { quote = nil }
            } else if character == "'" || character == "\"" {
                quote = character
            } else if previous == "{", character == "{" || character == "%" || character == "#" {
                depth += 1
            } else if character == "}", previous == "}" || previous == "%" || previous == "#" {
                depth -= depth > 0 ? 1 : 0
            } else if character.isWhitespace, depth == 0, let begin = start {
                words.append(text[begin..<index])
                start = nil
            }
            previous = character
        }
        if let start { words.append(text[start...]) }
        return (words, quote == nil && depth == 0)
    }
}
