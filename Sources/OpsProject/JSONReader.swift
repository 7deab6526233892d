import OpsCore

/// Reads JSON, keeping the order of keys: what inventory scripts print.
struct JSONReader {
    struct Problem: Error {
        let message: String
        /// In bytes from 0.
        let offset: Int
    }

    private let bytes: [UInt8]
    private var position = 0

    static func parse(_ text: String) throws(Problem) -> Value {
        var reader = JSONReader(bytes: Array(text.utf8))
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.position == reader.bytes.count else { throw reader.problem("something follows the value") }
        return value
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private func problem(_ message: String) -> Problem { Problem(message: message, offset: position) }

    private mutating func value(depth: Int) throws(Problem) -> Value {
        guard depth < 500 else { throw problem("nested too deep") }
        skipSpace()
        switch peek {
        case UInt8(ascii: "{"): return .map(try object(depth: depth))
        case UInt8(ascii: "["): return .list(try array(depth: depth))
        case UInt8(ascii: "\""): return .string(try string())
        case nil: throw problem("the text ends where a value was expected")
        default: return try scalar()
        }
    }

    private mutating func object(depth: Int) throws(Problem) -> ValueMap {
        position += 1
        var map = ValueMap()
        skipSpace()
        if take("}") { return map }
        while true {
            skipSpace()
            guard peek == UInt8(ascii: "\"") else { throw problem("a key in quotes was expected") }
            let key = try string()
            skipSpace()
            guard take(":") else { throw problem("a ':' was expected") }
            map[key] = try value(depth: depth + 1)
            skipSpace()
            if take("}") { return map }
            guard take(",") else { throw problem("a ',' or '}' was expected") }
        }
    }

    private mutating func array(depth: Int) throws(Problem) -> [Value] {
        position += 1
        var items: [Value] = []
        skipSpace()
        if take("]") { return items }
        while true {
            items.append(try value(depth: depth + 1))
            skipSpace()
            if take("]") { return items }
            guard take(",") else { throw problem("a ',' or ']' was expected") }
        }
    }

    private mutating func scalar() throws(Problem) -> Value {
        let start = position
        while let byte = peek, ![UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}")].contains(byte), byte > 32 {
            position += 1
        }
        let word = String(decoding: bytes[start..<position], as: UTF8.self)
        switch word {
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "null": return .null
        case "NaN": return .double(.nan)
        case "Infinity": return .double(.infinity)
        case "-Infinity": return .double(-.infinity)
        default: break
        }
        let isNumber = word.utf8.allSatisfy { (48...57).contains($0) || "+-.eE".utf8.contains($0) }
        if isNumber, let number = Int(word) { return .int(number) }
        if isNumber, word.contains(where: { ".eE".contains($0) }), let number = Double(word) { return .double(number) }
        position = start
        throw problem(
            isNumber ? "'\(word.prefix(40))' does not fit into a 64-bit integer" : "'\(word.prefix(20))' is no value")
    }

    private mutating func string() throws(Problem) -> String {
        position += 1
        var text: [UInt8] = []
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): text += try escape()
            default: text.append(byte)
            }
        }
        throw problem("a quote is never closed")
    }

    private mutating func escape() throws(Problem) -> [UInt8] {
        guard let byte = peek else { throw problem("a quote is never closed") }
        position += 1
        switch byte {
        case UInt8(ascii: "n"): return [10]
        case UInt8(ascii: "t"): return [9]
        case UInt8(ascii: "r"): return [13]
        case UInt8(ascii: "b"): return [8]
        case UInt8(ascii: "f"): return [12]
        case UInt8(ascii: "u"):
            var code = try codeUnit()
            if (0xD800..<0xDC00).contains(code), take("\\"), take("u") {
                code = 0x10000 + (code - 0xD800) << 10 + (try codeUnit() &- 0xDC00) & 0x3FF
            }
            return Array(String(Character(Unicode.Scalar(code) ?? "\u{FFFD}")).utf8)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        default: throw problem("'\\\(Character(Unicode.Scalar(byte)))' is no escape")
        }
    }

    private mutating func codeUnit() throws(Problem) -> UInt32 {
        let digits = String(decoding: bytes[position...].prefix(4), as: UTF8.self)
        guard digits.utf8.count == 4, digits.allSatisfy(\.isHexDigit), let code = UInt32(digits, radix: 16) else {
            throw problem("four hexadecimal digits were expected")
        }
        position += 4
        return code
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ character: Character) -> Bool {
        guard peek == character.asciiValue else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 32 || byte == 9 || byte == 10 || byte == 13 { position += 1 }
    }
}
