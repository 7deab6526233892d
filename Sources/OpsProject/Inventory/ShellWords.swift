/// Words of a line as Python's `shlex.split(line, comments=True)` gives them.
enum ShellWords {
    struct Word {
        var text: String
        /// Where it begins, in bytes from 0.
        var offset: Int
    }

    enum Problem: Error { case openQuote, openEscape }

    private enum State: Equatable {
        case between, word
        case quoted(UInt8)
        /// After a backslash; 0 outside of quotes.
        case escaped(UInt8)
    }

    static func split(_ line: some StringProtocol) throws(Problem) -> [Word] {
        var words: [Word] = []
        var token: [UInt8] = []
        var start = 0
        var isOpen = false
        var state = State.between
        bytes: for (offset, byte) in line.utf8.enumerated() {
            switch state {
            case .between, .word:
                switch byte {
                case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"):
                    if isOpen { words.append(Word(text: String(decoding: token, as: UTF8.self), offset: start)) }
                    (token, isOpen, state) = ([], false, .between)
                    continue bytes
                case UInt8(ascii: "#"):
                    break bytes
                case UInt8(ascii: "\\"): state = .escaped(0)
                case UInt8(ascii: "'"), UInt8(ascii: "\""): state = .quoted(byte)
                default:
                    token.append(byte)
                    state = .word
                }
                if !isOpen { (isOpen, start) = (true, offset) }
            case .quoted(let quote):
                if byte == quote {
                    state = .word
                } else if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                    state = .escaped(quote)
                } else {
                    token.append(byte)
                }
            case .escaped(let quote):
                if quote != 0, byte != UInt8(ascii: "\\"), byte != quote { token.append(UInt8(ascii: "\\")) }
                token.append(byte)
                state = quote == 0 ? .word : .quoted(quote)
            }
        }
        if case .quoted = state { throw .openQuote }
        if case .escaped = state { throw .openEscape }
        if isOpen { words.append(Word(text: String(decoding: token, as: UTF8.self), offset: start)) }
        return words
    }
}
