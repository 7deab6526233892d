import OpsCore

/// Values as Python's `ast.literal_eval` reads them: what gives values in INI inventories their types.
///
/// `8080` is an integer, `True` a boolean, `[1, 'a']` and `1, 'a'` lists, `"x"` loses its quotes; `yes`,
/// `true` and `0644` are no literals and stay texts.
struct PythonLiteral {
    /// Of an integer that doesn't fit into 64 bits.
    struct TooLarge: Error {}

    struct NotALiteral: Error {}

    let bytes: [UInt8]
    var position = 0
    private var depth = 0

    /// The value of a literal; nil if the text is none.
    static func parse(_ text: String) throws(TooLarge) -> Value? {
        var parser = PythonLiteral(bytes: Array(text.utf8))
        do {
            return try parser.whole()
        } catch let error as TooLarge {
            throw error
        } catch {
            return nil
        }
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func whole() throws -> Value {
        guard let first = bytes.first, first < 128 else { throw NotALiteral() }
        skipSpace()
        let value = try tuple(closing: nil)
        guard position == bytes.count else { throw NotALiteral() }
        return value
    }

    // MARK: Structure

    /// One value, or several with commas between them, which are a list.
    private mutating func tuple(closing: UInt8?) throws -> Value {
        let first = try value()
        skipSpace()
        guard peek == UInt8(ascii: ",") else { return first }
        var items = [first]
        while take(",") {
            skipSpace()
            if peek == nil || peek == closing { break }
            items.append(try value())
            skipSpace()
        }
        return .list(items)
    }

    private mutating func value() throws -> Value {
        depth += 1
        defer { depth -= 1 }
        guard depth < 90, let next = peek else { throw NotALiteral() }
        switch next {
        case UInt8(ascii: "["):
            position += 1
            return .list(try items(until: "]"))
        case UInt8(ascii: "("): return try parenthesized()
        case UInt8(ascii: "{"): return try braced()
        case UInt8(ascii: "'"), UInt8(ascii: "\""): return .string(try strings())
        case UInt8(ascii: "+"), UInt8(ascii: "-"): return try signed()
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."):
            return next == UInt8(ascii: ".") && matches("...") ? ellipsis() : try number()
        default: return try word()
        }
    }

    private mutating func items(until close: Character) throws -> [Value] {
        var items: [Value] = []
        skipSpace()
        while !take(close) {
            items.append(try value())
            skipSpace()
            if !take(",") {
                guard take(close) else { throw NotALiteral() }
                break
            }
            skipSpace()
        }
        return items
    }

    private mutating func parenthesized() throws -> Value {
        position += 1
        skipSpace()
        if take(")") { return .list([]) }
        let value = try tuple(closing: UInt8(ascii: ")"))
        guard take(")") else { throw NotALiteral() }
        return value
    }

    /// A mapping, or a set, which is a list here.
    private mutating func braced() throws -> Value {
        position += 1
        skipSpace()
        if take("}") { return .map([:]) }
        let first = try value()
        skipSpace()
        guard take(":") else {
            skipSpace()
            guard take(",") else {
                guard take("}") else { throw NotALiteral() }
                return .list([first])
            }
            return .list(
                ValueMap(([first] + (try items(until: "}"))).map { ($0, .null) }, uniquingKeysWith: { a, _ in a }).keys
                    .elements)
        }
        return .map(try mapping(firstKey: first))
    }

    private mutating func mapping(firstKey: Value) throws -> ValueMap {
        var map = ValueMap()
        var key = firstKey
        while true {
            // Lists and maps can't be keys.
            if key.list != nil || key.map != nil { throw NotALiteral() }
            skipSpace()
            map[key] = try value()
            skipSpace()
            let more = take(",")
            skipSpace()
            if take("}") { return map }
            guard more else { throw NotALiteral() }
            key = try value()
            skipSpace()
            guard take(":") else { throw NotALiteral() }
        }
    }

    // MARK: Words and strings

    private mutating func word() throws -> Value {
        let start = position
        while let byte = peek, isWord(byte) { position += 1 }
        let name = String(decoding: bytes[start..<position], as: UTF8.self)
        switch name {
        case "True": return .bool(true)
        case "False": return .bool(false)
        case "None": return .null
        case "set":
            skipSpace()
            guard take("(") else { throw NotALiteral() }
            skipSpace()
            guard take(")") else { throw NotALiteral() }
            return .list([])
        default:
            guard Self.prefixes.contains(name.lowercased()), peek == UInt8(ascii: "'") || peek == UInt8(ascii: "\"")
            else {
                throw NotALiteral()
            }
            position = start
            return .string(try strings())
        }
    }

    static let prefixes: Set<String> = ["r", "u", "b", "br", "rb"]

    private mutating func ellipsis() -> Value {
        position += 3
        return .string("...")
    }

    // MARK: Numbers

    private mutating func signed() throws -> Value {
        let isNegative = peek == UInt8(ascii: "-")
        position += 1
        skipSpace()
        var open = 0
        while take("(") {
            open += 1
            skipSpace()
        }
        guard let next = peek, isDigit(next) || next == UInt8(ascii: ".") else { throw NotALiteral() }
        let value = try number(isNegative: isNegative)
        for _ in 0..<open {
            skipSpace()
            guard take(")") else { throw NotALiteral() }
        }
        guard isNegative, case .double(let number) = value else { return value }
        return .double(-number)
    }

    private mutating func number(isNegative: Bool = false) throws -> Value {
        let start = position
        while let byte = peek {
            let isExponentSign =
                (byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-"))
                && position > start && bytes[position - 1] | 0x20 == UInt8(ascii: "e")
                && !bytes[start...].starts(with: Array("0x".utf8)) && !bytes[start...].starts(with: Array("0X".utf8))
            guard isWord(byte) || byte == UInt8(ascii: ".") || isExponentSign else { break }
            position += 1
        }
        return try PythonNumber.value(String(decoding: bytes[start..<position], as: UTF8.self), isNegative: isNegative)
            ?? { throw NotALiteral() }()
    }

    // MARK: Bytes

    var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func take(_ character: Character) -> Bool {
        guard let byte = peek, byte == character.asciiValue else { return false }
        position += 1
        return true
    }

    private func matches(_ text: String) -> Bool { bytes[position...].starts(with: text.utf8) }

    /// Spaces, and a comment up to the end.
    mutating func skipSpace() {
        while let byte = peek, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { position += 1 }
        if peek == UInt8(ascii: "#") { position = bytes.count }
    }

    private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) }
    private func isWord(_ byte: UInt8) -> Bool {
        isDigit(byte) || isLetter(byte) || byte == UInt8(ascii: "_") || byte >= 128
    }
}
