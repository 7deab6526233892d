import OpsCore

extension Lexer {
    /// Reads an integer (`12`, `1_000`, `0x1f`, `0o17`, `0b1`) or a float (`1.5`, `1e3`).
    mutating func scanNumber() throws(Diagnostic) {
        let start = index
        if let number = try scanRadix(start) { return add(.integer(number), at: start) }
        skipDigits()
        let afterDot = start > 0 && bytes[start - 1] == UInt8(ascii: ".")
        if !afterDot, let isFloat = skipFraction(), isFloat {
            let text = String(decoding: bytes[start..<index].filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
            return add(.float(Double(text) ?? .infinity), at: start)
        }
        let digits = bytes[start..<index].filter { $0 != UInt8(ascii: "_") }
        if digits.count > 1, digits.first == UInt8(ascii: "0"), digits.contains(where: { $0 != UInt8(ascii: "0") }) {
            throw fail("an integer cannot start with 0", at: start, hints: ["write 0o for octal, or quote it for text"])
        }
        add(.integer(try integer(digits, radix: 10, at: start)), at: start)
    }

    private func integer(_ digits: [UInt8], radix: Int, at start: Int) throws(Diagnostic) -> Int {
        guard let number = Int(String(decoding: digits, as: UTF8.self), radix: radix) else {
            throw fail("the integer is too large, the limit is 9223372036854775807 (64 bits)", at: start)
        }
        return number
    }

    private mutating func scanRadix(_ start: Int) throws(Diagnostic) -> Int? {
        guard bytes[start] == UInt8(ascii: "0"), start + 2 < bytes.count else { return nil }
        let radix: Int
        switch bytes[start + 1] | 0x20 {
        case UInt8(ascii: "x"): radix = 16
        case UInt8(ascii: "o"): radix = 8
        case UInt8(ascii: "b"): radix = 2
        default: return nil
        }
        var digits: [UInt8] = []
        var position = start + 2
        while position < bytes.count {
            let byte = bytes[position]
            if byte != UInt8(ascii: "_") {
                guard let value = Character(Unicode.Scalar(byte)).hexDigitValue, value < radix else { break }
                digits.append(byte)
            }
            position += 1
        }
        guard !digits.isEmpty else { return nil }
        index = position
        return try integer(digits, radix: radix, at: start)
    }

    /// Digits with single underscores between them.
    private mutating func skipDigits() {
        while index < bytes.count {
            let underscore =
                bytes[index] == UInt8(ascii: "_") && index + 1 < bytes.count && Lexer.isDigit(bytes[index + 1])
            guard Lexer.isDigit(bytes[index]) || underscore else { return }
            index += 1
        }
    }

    /// Reads `.5`, `e3` or both after the digits; nil if neither follows.
    private mutating func skipFraction() -> Bool? {
        var isFloat = false
        if index + 1 < bytes.count, bytes[index] == UInt8(ascii: "."), Lexer.isDigit(bytes[index + 1]) {
            index += 1
            skipDigits()
            isFloat = true
        }
        if index + 1 < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            let signed = bytes[index + 1] == UInt8(ascii: "+") || bytes[index + 1] == UInt8(ascii: "-")
            let first = index + (signed ? 2 : 1)
            if first < bytes.count, Lexer.isDigit(bytes[first]) {
                index = first
                skipDigits()
                isFloat = true
            }
        }
        return isFloat ? true : nil
    }
}
