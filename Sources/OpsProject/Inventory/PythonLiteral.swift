import OpsCore

/// Values as Python's `ast.literal_eval` reads them: what gives values in INI inventories their types.
///
/// `8080` is an integer, `True` a boolean, `[1, 'a']` and `1, 'a'` lists, `"x"` loses its quotes; `yes`,
/// `true` and `0644` are no literals and stay texts.
struct PythonLiteral {
    /// Of an integer that doesn't fit into 64 bits.
    struct TooLarge: Error {}

    private struct NotALiteral: Error {}

    private let bytes: [UInt8]
    private var position = 0
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
            return .list(ValueMap(([first] + (try items(until: "}"))).map { ($0, .null) }, uniquingKeysWith: { a, _ in a }).keys.elements)
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
            guard Self.prefixes.contains(name.lowercased()), peek == UInt8(ascii: "'") || peek == UInt8(ascii: "\"") else {
                throw NotALiteral()
            }
            position = start
            return .string(try strings())
        }
    }

    private static let prefixes: Set<String> = ["r", "u", "b", "br", "rb"]

    /// Neighbouring strings are one.
    private mutating func strings() throws -> String {
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
        case UInt8(ascii: "N"): throw NotALiteral()
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
        UInt8(ascii: "\\"): UInt8(ascii: "\\"), UInt8(ascii: "'"): UInt8(ascii: "'"), UInt8(ascii: "\""): UInt8(ascii: "\""),
        UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13,
        UInt8(ascii: "t"): 9, UInt8(ascii: "v"): 11,
    ]

    private mutating func codePoint(digits: Int) throws -> [UInt8] {
        let text = String(decoding: bytes[position...].prefix(digits), as: UTF8.self)
        guard text.utf8.count == digits, text.allSatisfy(\.isHexDigit), let value = UInt32(text, radix: 16) else { throw NotALiteral() }
        position += digits
        return try encoded(value)
    }

    private func encoded(_ value: UInt32) throws -> [UInt8] {
        guard let scalar = Unicode.Scalar(value) else { throw NotALiteral() }
        return Array(String(Character(scalar)).utf8)
    }

    private mutating func ellipsis() -> Value {
        position += 3
        return .string("...")
    }

    // MARK: Numbers

    private mutating func signed() throws -> Value {
        let isNegative = peek == UInt8(ascii: "-")
        position += 1
        skipSpace()
        guard let next = peek, isDigit(next) || next == UInt8(ascii: ".") else { throw NotALiteral() }
        switch try number(isNegative: isNegative) {
        case .double(let number): return .double(isNegative ? -number : number)
        case let value: return value
        }
    }

    private mutating func number(isNegative: Bool = false) throws -> Value {
        let start = position
        while let byte = peek {
            let isExponentSign = (byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-"))
                && position > start && bytes[position - 1] | 0x20 == UInt8(ascii: "e")
                && !bytes[start...].starts(with: Array("0x".utf8)) && !bytes[start...].starts(with: Array("0X".utf8))
            guard isWord(byte) || byte == UInt8(ascii: ".") || isExponentSign else { break }
            position += 1
        }
        return try PythonNumber.value(String(decoding: bytes[start..<position], as: UTF8.self), isNegative: isNegative)
            ?? { throw NotALiteral() }()
    }

    // MARK: Bytes

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ character: Character) -> Bool {
        guard let byte = peek, byte == character.asciiValue else { return false }
        position += 1
        return true
    }

    private func matches(_ text: String) -> Bool { bytes[position...].starts(with: text.utf8) }

    /// Spaces, and a comment up to the end.
    private mutating func skipSpace() {
        while let byte = peek, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { position += 1 }
        if peek == UInt8(ascii: "#") { position = bytes.count }
    }

    private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    private func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) }
    private func isWord(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) || byte == UInt8(ascii: "_") || byte >= 128 }
}

/// Python's number literals.
enum PythonNumber {
    /// nil if the text is no number; an imaginary one is the text that Python prints for it.
    static func value(_ text: String, isNegative: Bool) throws(PythonLiteral.TooLarge) -> Value? {
        let lowered = text.lowercased()
        if let radix = ["0x": 16, "0o": 8, "0b": 2][lowered.prefix(2)] {
            let digits = lowered.dropFirst(2)
            guard hasGoodUnderscores(digits.drop { $0 == "_" }) else { return nil }
            return try integer(digits.filter { $0 != "_" }, radix: radix, isNegative: isNegative)
        }
        guard hasGoodUnderscores(lowered[...]) else { return nil }
        let plain = lowered.filter { $0 != "_" }
        if plain.utf8.allSatisfy({ (48...57).contains($0) }) {
            // `0644` is no literal, but `00` is.
            if plain.first == "0", plain.contains(where: { $0 != "0" }) { return nil }
            return try integer(plain, radix: 10, isNegative: isNegative)
        }
        guard plain.utf8.allSatisfy({ (48...57).contains($0) || ".e+-".utf8.contains($0) }) else { return nil }
        return float(plain)
    }

    private static func integer(_ digits: String, radix: Int, isNegative: Bool) throws(PythonLiteral.TooLarge) -> Value? {
        guard !digits.isEmpty, digits.allSatisfy({ $0.hexDigitValue.map { $0 < radix } ?? false }) else { return nil }
        guard let number = Int((isNegative ? "-" : "") + digits, radix: radix) else { throw PythonLiteral.TooLarge() }
        return .int(number)
    }

    private static func float(_ text: String) -> Value? {
        let parts = text.split(separator: "e", maxSplits: 1, omittingEmptySubsequences: false)
        var mantissa = String(parts[0])
        guard mantissa.contains(where: \.isNumber), mantissa.count(where: { $0 == "." }) <= 1,
            !mantissa.contains("+"), !mantissa.contains("-")
        else { return nil }
        if mantissa.first == "." { mantissa = "0" + mantissa }
        if mantissa.last == "." { mantissa += "0" }
        guard parts.count == 2 else { return Double(mantissa).map(Value.double) }
        let digits = parts[1].first == "+" || parts[1].first == "-" ? parts[1].dropFirst() : parts[1]
        guard !digits.isEmpty, digits.allSatisfy(\.isNumber) else { return nil }
        return Double(mantissa + "e" + parts[1]).map(Value.double)
    }

    /// Single ones, between digits only.
    private static func hasGoodUnderscores(_ text: Substring) -> Bool {
        text.first != "_" && text.last != "_" && !text.contains("__") && !text.contains("_.") && !text.contains("._")
    }
}
