import OpsCore

/// Reads JSON as Python's `json.loads` does, with the place of every value.
///
/// `NaN` and `Infinity` are numbers, texts hold no bare control characters. `{"__ansible_unsafe": text}` and
/// `{"__ansible_vault": envelope}` stand for what the tags `!unsafe` and `!vault` do.
public struct JSONParser {
    public struct Problem: Error {
        public let message: String
        public let location: SourceLocation
        /// JSON it is, but for an integer that doesn't fit into 64 bits.
        var isTooLarge = false
    }

    /// What a text holds.
    public struct Document {
        public var root: YAMLNode
        /// Keys that are in a mapping already; the last value of such a key is the one that counts.
        public var duplicates: [YAMLNode.Entry] = []
    }

    private let bytes: [UInt8]
    private let file: String
    private var position = 0
    private var line = 1
    /// A position in the line, and the characters before it.
    private var mark = (position: 0, column: 1)
    private var duplicates: [YAMLNode.Entry] = []

    public static func parse(_ text: String, file: String) throws(Problem) -> Document {
        var parser = JSONParser(bytes: Array(text.utf8), file: file)
        let root = try parser.node(depth: 0)
        parser.skipSpace()
        guard parser.position == parser.bytes.count else { throw parser.problem("something follows the value") }
        return Document(root: root, duplicates: parser.duplicates)
    }

    private init(bytes: [UInt8], file: String) {
        self.bytes = bytes
        self.file = file
    }

    /// Where the next byte is. Columns count characters: all bytes but those that continue one.
    private mutating func location() -> SourceLocation {
        mark.column += bytes[mark.position..<position].count { $0 & 0xC0 != 0x80 }
        mark.position = position
        return SourceLocation(file: file, line: line, column: mark.column)
    }

    private mutating func problem(_ message: String) -> Problem { Problem(message: message, location: location()) }

    // MARK: Structure

    private mutating func node(depth: Int) throws(Problem) -> YAMLNode {
        guard depth < 500 else { throw problem("nested too deep") }
        skipSpace()
        let location = location()
        switch peek {
        case UInt8(ascii: "{"): return try Self.tagged(YAMLNode(.mapping(try object(depth: depth)), at: location))
        case UInt8(ascii: "["): return YAMLNode(.sequence(try array(depth: depth)), at: location)
        case UInt8(ascii: "\""): return try text()
        case nil: throw problem("the text ends where a value was expected")
        default: return YAMLNode(.scalar(try scalar()), at: location)
        }
    }

    /// The text of a mapping that stands for a tag.
    private static func tagged(_ node: YAMLNode) throws(Problem) -> YAMLNode {
        for (key, handling) in [("__ansible_unsafe", YAMLNode.Handling.unsafe), ("__ansible_vault", .vault)] {
            guard var value = node[key] else { continue }
            guard value.string != nil else {
                throw Problem(message: "'\(key)' takes a text, not a \(value.kindName)", location: value.location)
            }
            value.handling = handling
            return value
        }
        return node
    }

    private mutating func object(depth: Int) throws(Problem) -> [YAMLNode.Entry] {
        position += 1
        var entries: [YAMLNode.Entry] = []
        var index: [String: Int] = [:]
        skipSpace()
        if take("}") { return entries }
        while true {
            skipSpace()
            guard peek == UInt8(ascii: "\"") else { throw problem("a key in quotes was expected") }
            let key = try text()
            skipSpace()
            guard take(":") else { throw problem("a ':' was expected") }
            let entry = YAMLNode.Entry(key: key, value: try node(depth: depth + 1))
            if let known = index.updateValue(entries.count, forKey: key.string ?? "") {
                duplicates.append(.init(key: key, value: entries[known].key))
                entries[known].value = entry.value
                index[key.string ?? ""] = known
            } else {
                entries.append(entry)
            }
            skipSpace()
            if take("}") { return entries }
            guard take(",") else { throw problem("a ',' or '}' was expected") }
        }
    }

    private mutating func array(depth: Int) throws(Problem) -> [YAMLNode] {
        position += 1
        var items: [YAMLNode] = []
        skipSpace()
        if take("]") { return items }
        while true {
            items.append(try node(depth: depth + 1))
            skipSpace()
            if take("]") { return items }
            guard take(",") else { throw problem("a ',' or ']' was expected") }
        }
    }

    // MARK: Scalars

    private static let words: [String: Value] = [
        "true": true, "false": false, "null": nil, "NaN": .double(.nan), "Infinity": .double(.infinity),
        "-Infinity": .double(-.infinity),
    ]

    private mutating func scalar() throws(Problem) -> Value {
        let start = position
        while let byte = peek, ![UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}")].contains(byte), byte > 32 {
            position += 1
        }
        let word = String(decoding: bytes[start..<position], as: UTF8.self)
        if let value = Self.words[word] ?? Self.number(word) { return value }
        position = start
        guard word.wholeMatch(of: /-?[1-9][0-9]*/) != nil else { throw problem("'\(word.prefix(20))' is no value") }
        var tooLarge = problem("'\(word.prefix(40))' does not fit into a 64-bit integer")
        tooLarge.isTooLarge = true
        throw tooLarge
    }

    /// nil for what isn't a number in JSON, or a too large one.
    private static func number(_ word: String) -> Value? {
        let digits = word.utf8.drop { $0 == UInt8(ascii: "-") }
        guard word.utf8.count - digits.count < 2, let first = digits.first, (48...57).contains(first) else { return nil }
        if digits.allSatisfy({ (48...57).contains($0) }) {
            return first == 48 && digits.count > 1 ? nil : Int(word).map(Value.int)
        }
        let isNumber = word.wholeMatch(of: /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/) != nil
        return isNumber ? Double(word).map(Value.double) : nil
    }

    private mutating func text() throws(Problem) -> YAMLNode {
        let location = location()
        let text = try string()
        var origin = YAMLNode.TextOrigin()
        origin.column = Int32(clamping: location.column + 1)
        return YAMLNode(.scalar(.string(text)), at: location, text: origin)
    }

    private mutating func string() throws(Problem) -> String {
        position += 1
        var text: [UInt8] = []
        while let byte = peek {
            guard byte >= 32 else { throw problem("a text holds no bare line ends or tabs") }
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): text += try escape()
            default: text.append(byte)
            }
        }
        throw problem("a quote is never closed")
    }

    private static let escapes: [UInt8: UInt8] = [
        UInt8(ascii: "n"): 10, UInt8(ascii: "t"): 9, UInt8(ascii: "r"): 13, UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12,
        UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "\\"): UInt8(ascii: "\\"), UInt8(ascii: "/"): UInt8(ascii: "/"),
    ]

    private mutating func escape() throws(Problem) -> [UInt8] {
        guard let byte = peek else { throw problem("a quote is never closed") }
        position += 1
        if let plain = Self.escapes[byte] { return [plain] }
        guard byte == UInt8(ascii: "u") else { throw problem("'\\\(Character(Unicode.Scalar(byte)))' is no escape") }
        var code = try codeUnit()
        if (0xD800..<0xDC00).contains(code), take("\\"), take("u") {
            let low = try codeUnit()
            guard (0xDC00..<0xE000).contains(low) else { throw problem("half a character") }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw problem("half a character") }
        return Array(String(Character(scalar)).utf8)
    }

    private mutating func codeUnit() throws(Problem) -> UInt32 {
        let digits = String(decoding: bytes[position...].prefix(4), as: UTF8.self)
        guard digits.utf8.count == 4, digits.allSatisfy(\.isHexDigit), let code = UInt32(digits, radix: 16) else {
            throw problem("four hexadecimal digits were expected")
        }
        position += 4
        return code
    }

    // MARK: Bytes

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ character: Character) -> Bool {
        guard peek == character.asciiValue else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 32 || byte == 9 || byte == 10 || byte == 13 {
            position += 1
            if byte == 10 { (line, mark) = (line + 1, (position, 1)) }
        }
    }
}
