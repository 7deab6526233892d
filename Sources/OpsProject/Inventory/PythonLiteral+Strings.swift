/// String literals, with Python's prefixes and escapes.
extension PythonLiteral {
    /// Neighbouring strings are one.
    mutating func strings() throws -> String {
        var text: [UInt8] = []
        while true {
            let start = position
            while let byte = peek, isLetter(byte), position - start < 2 { position += 1 }
            let prefix = String(decoding: bytes[start..<position], as: UTF8.self).lowercased()
            guard let quote = peek, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\""),
                prefix.isEmpty || Self.prefixes.contains(prefix)
            else {
                position = start
                return String(decoding: text, as: UTF8.self)
            }
            text += try string(quote, isRaw: prefix.contains("r"))
            skipSpace()
        }
    }

    private mutating func string(_ quote: UInt8, isRaw: Bool) throws -> [UInt8] {
        let triple = [quote, quote, quote]
        let isTriple = bytes[position...].starts(with: triple)
        position += isTriple ? 3 : 1
        var text: [UInt8] = []
        while let byte = peek {
            if isTriple ? bytes[position...].starts(with: triple) : byte == quote {
                position += isTriple ? 3 : 1
                return text
            }
            position += 1
            if byte == UInt8(ascii: "\\") {
                text += try escape(isRaw: isRaw)
            } else {
                text.append(byte)
            }
        }
        throw NotALiteral()
    }

    private mutating func escape(isRaw: Bool) throws -> [UInt8] {
        guard let byte = peek else { throw NotALiteral() }
        position += 1
        if isRaw { return [UInt8(ascii: "\\"), byte] }
        if let plain = Self.escapes[byte] { return [plain] }
        switch byte {
        case UInt8(ascii: "x"): return try codePoint(digits: 2)
        case UInt8(ascii: "u"): return try codePoint(digits: 4)
        case UInt8(ascii: "U"): return try codePoint(digits: 8)
        case UInt8(ascii: "N"): return try named()
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            var value = UInt32(byte - UInt8(ascii: "0"))
            for _ in 0..<2 {
                guard let next = peek, (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(next) else { break }
                value = value * 8 + UInt32(next - UInt8(ascii: "0"))
                position += 1
            }
            return try encoded(value)
        default: return [UInt8(ascii: "\\"), byte]
        }
    }

    private static let escapes: [UInt8: UInt8] = [
        UInt8(ascii: "\\"): UInt8(ascii: "\\"), UInt8(ascii: "'"): UInt8(ascii: "'"),
        UInt8(ascii: "\""): UInt8(ascii: "\""),
        UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13,
        UInt8(ascii: "t"): 9, UInt8(ascii: "v"): 11,
    ]

    private mutating func codePoint(digits: Int) throws -> [UInt8] {
        let text = String(decoding: bytes[position...].prefix(digits), as: UTF8.self)
        guard text.utf8.count == digits, text.allSatisfy(\.isHexDigit), let value = UInt32(text, radix: 16) else {
            throw NotALiteral()
        }
        position += digits
        return try encoded(value)
    }

    /// `\N{BULLET}`
    private mutating func named() throws -> [UInt8] {
        guard take("{"), let close = bytes[position...].firstIndex(of: UInt8(ascii: "}")),
            let scalar = PythonEscapes.scalar(named: String(decoding: bytes[position..<close], as: UTF8.self))
        else { throw NotALiteral() }
        position = close + 1
        return Array(String(Character(scalar)).utf8)
    }

    private func encoded(_ value: UInt32) throws -> [UInt8] {
        guard let scalar = Unicode.Scalar(value) else { throw NotALiteral() }
        return Array(String(Character(scalar)).utf8)
    }
}
