import OpsCore

extension Lexer {
    /// White space as Python's `\s` and `rstrip` see it in ASCII.
    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte) || (0x1C...0x1F).contains(byte)
    }

    func trimmedEnd(_ start: Int, _ end: Int) -> Int {
        var end = end
        while end > start, Lexer.isSpace(bytes[end - 1]) { end -= 1 }
        return end
    }

    /// `end` moved back to the start of its line if only white space stands between.
    func leftStripped(_ start: Int, _ end: Int, lineStarting: Bool) -> Int {
        var position = end
        while position > start, bytes[position - 1] != UInt8(ascii: "\n") {
            guard Lexer.isSpace(bytes[position - 1]) else { return end }
            position -= 1
        }
        return position > start || lineStarting ? position : end
    }

    /// Where the text goes on after the closing delimiter at `position`, or nil if none is there.
    ///
    /// `-` before it takes all white space after it; blocks and comments take one newline with
    /// `trim_blocks` unless `+` forbids it.
    func closing(_ text: [UInt8], at position: Int, trimsNewline: Bool) -> Int? {
        if matches(text, at: position) {
            let end = position + text.count
            let newline = trimsNewline && syntax.trimBlocks && end < bytes.count && bytes[end] == UInt8(ascii: "\n")
            return newline ? end + 1 : end
        }
        guard position < bytes.count, matches(text, at: position + 1) else { return nil }
        var end = position + 1 + text.count
        if bytes[position] == UInt8(ascii: "+"), trimsNewline { return end }
        guard bytes[position] == UInt8(ascii: "-") else { return nil }
        while end < bytes.count, Lexer.isSpace(bytes[end]) { end += 1 }
        return end
    }

    mutating func skipComment(from start: Int) throws(Diagnostic) {
        let end = Array(syntax.commentEnd.utf8)
        while index < bytes.count {
            if let next = closing(end, at: index, trimsNewline: true) {
                index = next
                return
            }
            index += 1
        }
        throw fail("missing end of comment tag", at: start)
    }

    /// Reads `{% raw %}…{% endraw %}` if one starts here (the opening delimiter is read already).
    mutating func scanRaw(from start: Int) throws(Diagnostic) -> Bool {
        let blockStart = Array(syntax.blockStart.utf8)
        let blockEnd = Array(syntax.blockEnd.utf8)
        guard let word = skipWord("raw", from: index), let bodyStart = closing(blockEnd, at: word, trimsNewline: false)
        else { return false }
        var position = bodyStart
        while position < bytes.count {
            if matches(blockStart, at: position), let end = endOfRaw(at: position + blockStart.count, blockEnd) {
                var dataEnd = position
                if end.sign == UInt8(ascii: "-") {
                    dataEnd = trimmedEnd(bodyStart, position)
                } else if end.sign == nil, syntax.lstripBlocks {
                    dataEnd = leftStripped(
                        bodyStart, position, lineStarting: bytes[bodyStart - 1] == UInt8(ascii: "\n"))
                }
                addData(bodyStart..<dataEnd, at: bodyStart)
                index = end.next
                return true
            }
            position += 1
        }
        throw fail("missing end of raw directive", at: start)
    }

    private func endOfRaw(at position: Int, _ blockEnd: [UInt8]) -> (sign: UInt8?, next: Int)? {
        var position = position
        var sign: UInt8?
        if position < bytes.count, bytes[position] == UInt8(ascii: "-") || bytes[position] == UInt8(ascii: "+") {
            sign = bytes[position]
            position += 1
        }
        guard let word = skipWord("endraw", from: position),
            let next = closing(blockEnd, at: word, trimsNewline: true)
        else { return nil }
        return (sign, next)
    }

    /// The position after white space, `word` and white space.
    private func skipWord(_ word: String, from start: Int) -> Int? {
        var position = start
        while position < bytes.count, Lexer.isSpace(bytes[position]) { position += 1 }
        guard matches(Array(word.utf8), at: position) else { return nil }
        position += word.utf8.count
        while position < bytes.count, Lexer.isSpace(bytes[position]) { position += 1 }
        return position
    }
}
