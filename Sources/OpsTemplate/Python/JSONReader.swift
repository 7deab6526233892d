import OpsCore

/// Python's `json.loads`.
struct JSONReader {
    private let bytes: [UInt8]
    private var index = 0

    static func value(_ text: String) throws -> JinjaValue {
        var reader = JSONReader(bytes: Array(text.utf8))
        let value = try reader.read(depth: 0)
        reader.skipSpace()
        guard reader.index == reader.bytes.count else { throw reader.fail("extra data") }
        return value
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// The text itself may be secret, so only the place is told.
    private func fail(_ message: String) -> Diagnostic {
        let line = bytes[..<min(index, bytes.count)].reduce(1) { $0 + ($1 == 0x0A ? 1 : 0) }
        return Diagnostic(code: "template-value", "the text is not JSON: \(message) (line \(line), byte \(index + 1))")
    }

    private mutating func skipSpace() {
        while index < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[index]) { index += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    private mutating func take(_ word: String) -> Bool {
        guard bytes[index...].starts(with: word.utf8) else { return false }
        index += word.utf8.count
        return true
    }

    private mutating func read(depth: Int) throws -> JinjaValue {
        guard depth < Limits.maximumValueDepth else { throw Limits.tooDeep }
        skipSpace()
        guard index < bytes.count else { throw fail("unexpected end") }
        switch bytes[index] {
        case UInt8(ascii: "{"): return try readMap(depth)
        case UInt8(ascii: "["): return try readList(depth)
        case UInt8(ascii: "\""): return .string(try readString())
        default: break
        }
        for (word, value) in JSONReader.words where take(word) { return JinjaValue(value, tracker: SecretTracker()) }
        return try readNumber()
    }

    private static let words: [(String, Value)] = [
        ("true", .bool(true)), ("false", .bool(false)), ("null", .null), ("NaN", .double(.nan)),
        ("Infinity", .double(.infinity)),
        ("-Infinity", .double(-.infinity)),
    ]

    private mutating func readList(_ depth: Int) throws -> JinjaValue {
        index += 1
        var items: [JinjaValue] = []
        if take(UInt8(ascii: "]")) { return .list(items) }
        repeat { items.append(try read(depth: depth + 1)) } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw fail("expected ',' or ']'") }
        return .list(items)
    }

    private mutating func readMap(_ depth: Int) throws -> JinjaValue {
        index += 1
        var items = MapObject.Items()
        if take(UInt8(ascii: "}")) { return .map(MapObject(items)) }
        repeat {
            skipSpace()
            guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else {
                throw fail("expected a key in double quotes")
            }
            let key = try readString()
            guard take(UInt8(ascii: ":")) else { throw fail("expected ':'") }
            items[MapKey(.string(key))] = try read(depth: depth + 1)
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw fail("expected ',' or '}'") }
        return .map(MapObject(items))
    }

    private mutating func readNumber() throws -> JinjaValue {
        let start = index
        while index < bytes.count, Lexer.isDigit(bytes[index]) || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains(bytes[index])
        { index += 1 }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard let first = digits.utf8.first, Lexer.isDigit(first),
            digits == "0" || first != 0x30 || !digits.dropFirst().allSatisfy(\.isNumber)
        else {
            index = start
            throw fail("expected a value")
        }
        if digits.utf8.allSatisfy(Lexer.isDigit) {
            guard let number = Int(text) else { throw PythonNumber.overflow }
            return .int(number)
        }
        guard let number = Double(text), digits.last != "." else { throw fail("malformed number") }
        return .double(number)
    }

    private mutating func readString() throws -> String {
        index += 1
        var result: [UInt8] = []
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: result, as: UTF8.self)
            case UInt8(ascii: "\\"): try readEscape(&result)
            case 0..<0x20: throw fail("a control character in a string")
            default: result.append(byte)
            }
        }
        throw fail("a string is never closed")
    }

    private mutating func readEscape(_ result: inout [UInt8]) throws {
        guard index < bytes.count else { throw fail("a string is never closed") }
        let kind = bytes[index]
        index += 1
        let simple: [UInt8: UInt8] = [
            0x22: 0x22, 0x5C: 0x5C, 0x2F: 0x2F, 0x62: 8, 0x66: 12, 0x6E: 10, 0x72: 13, 0x74: 9,
        ]
        if let byte = simple[kind] { return result.append(byte) }
        guard kind == UInt8(ascii: "u") else { throw fail("unknown escape") }
        var units = [try readUnit()]
        if UTF16.isLeadSurrogate(units[0]), take("\\u") { units.append(try readUnit()) }
        result += Array(String(decoding: units, as: UTF16.self).utf8)
    }

    private mutating func readUnit() throws -> UInt16 {
        guard index + 4 <= bytes.count,
            let unit = UInt16(String(decoding: bytes[index..<(index + 4)], as: UTF8.self), radix: 16)
        else { throw fail("malformed \\u escape") }
        index += 4
        return unit
    }
}
