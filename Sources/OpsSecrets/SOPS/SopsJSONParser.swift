import Foundation
import OpsCore

/// A JSON reader that says where every value stands (RFC 8259; a key that is there twice is refused).
struct SopsJSONParser {
    private static let maximumDepth = 200

    private let file: String
    private let bytes: [UInt8]
    private var index = 0
    /// Raw line breaks can only stand between tokens, so counting them there is enough.
    private var line = 1
    private var lineStart = 0
    private var depth = 0
    private var leaves: [SopsLeaf] = []
    private var metadata: SopsMetadata?
    private var metadataRange: Range<Int>?

    init(_ text: String, file: String) { (bytes, self.file) = (Array(text.utf8), file) }

    mutating func document() throws(Diagnostic) -> SopsDocument {
        skipSpace()
        guard peek == UInt8(ascii: "{") else { throw failure("the document must be an object") }
        let root = try object(path: [])
        skipSpace()
        guard index == bytes.count else { throw failure("text after the end of the document") }
        return SopsDocument(
            text: bytes, root: root, leaves: leaves, metadata: metadata, metadataRange: metadataRange)
    }

    private mutating func value(path: [String]) throws(Diagnostic) -> SopsNode {
        skipSpace()
        switch peek {
        case UInt8(ascii: "{"): return try object(path: path)
        case UInt8(ascii: "["): return try list(path: path)
        default:
            let (start, place) = (index, location)
            let scalar = try scalar()
            leaves.append(SopsLeaf(path: path, scalar: scalar, location: place, range: start..<index))
            return .leaf(leaves.count - 1)
        }
    }

    private mutating func object(path: [String]) throws(Diagnostic) -> SopsNode {
        var entries: [(key: String, node: SopsNode)] = []
        var names: Set<String> = []
        try items(until: UInt8(ascii: "}")) { (parser: inout Self, start: Int) throws(Diagnostic) in
            let place = parser.location
            let name = try parser.string()
            guard names.insert(name).inserted else {
                throw Diagnostic(code: "json-duplicate-key", "a key is there twice", at: place)
            }
            try parser.take(UInt8(ascii: ":"), "':'")
            if path.isEmpty, name == SopsYAML.metadataKey {
                try parser.readMetadata(from: start, isFirst: entries.isEmpty, at: place)
            } else {
                entries.append((name, try parser.value(path: path + [name])))
            }
        }
        return .map(entries)
    }

    private mutating func list(path: [String]) throws(Diagnostic) -> SopsNode {
        var nodes: [SopsNode] = []
        try items(until: UInt8(ascii: "]")) { (parser: inout Self, _: Int) throws(Diagnostic) in
            nodes.append(try parser.value(path: path))
        }
        return .list(nodes)
    }

    /// What stands between brackets, separated by commas. `item` also gets the end of the item before.
    private mutating func items(
        until close: UInt8, _ item: (inout Self, Int) throws(Diagnostic) -> Void
    ) throws(Diagnostic) {
        index += 1
        depth += 1
        defer { depth -= 1 }
        if depth > Self.maximumDepth { throw failure("nested too deeply") }
        var end = index
        skipSpace()
        while peek != close {
            try item(&self, end)
            end = index
            skipSpace()
            if peek == close { break }
            try take(UInt8(ascii: ","), "',' or '\(Character(Unicode.Scalar(close)))'")
            skipSpace()
            if peek == close { throw failure("a comma before the end") }
        }
        index += 1
    }

    /// The metadata with one of its commas: the one before, or behind where it is the first key.
    private mutating func readMetadata(
        from start: Int, isFirst: Bool, at place: SourceLocation
    ) throws(Diagnostic) {
        let before = leaves
        leaves = []
        let node = try value(path: [SopsYAML.metadataKey])
        metadata = try SopsMetadata(Self.plain(node, leaves), at: place)
        leaves = before
        let rest = bytes[index...].drop(while: AgeArmor.isSpace)
        let end = isFirst && rest.first == UInt8(ascii: ",") ? rest.startIndex + 1 : index
        metadataRange = start..<end
    }

    private static func plain(_ node: SopsNode, _ leaves: [SopsLeaf]) -> Value {
        switch node {
        case .leaf(let index): leaves[index].scalar?.value(isSecret: false) ?? .null
        case .list(let items): .list(items.map { plain($0, leaves) })
        case .map(let entries):
            .map(ValueMap(entries.map { (.string($0.key), plain($0.node, leaves)) }, uniquingKeysWith: { $1 }))
        }
    }

    private mutating func scalar() throws(Diagnostic) -> SopsScalar? {
        if peek == UInt8(ascii: "\"") { return SopsScalar(.string, try string()) }
        let start = index
        while let byte = peek, (97...122).contains(byte) || (48...57).contains(byte) || "+-.E".utf8.contains(byte) {
            index += 1
        }
        let word = String(decoding: bytes[start..<index], as: UTF8.self)
        switch word {
        case "null": return nil
        case "true", "false": return SopsScalar(bool: word == "true")
        default:
            let pattern = /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/
            guard word.wholeMatch(of: pattern) != nil else { throw failure("not a JSON value") }
            if let number = Int(word) { return SopsScalar(.int, String(number)) }
            guard let number = Double(word), number.isFinite else { throw failure("a number is too large") }
            return SopsScalar(float: number)
        }
    }

    private mutating func string() throws(Diagnostic) -> String {
        let start = index
        guard peek == UInt8(ascii: "\"") else { throw failure("expected a text in double quotes") }
        index += 1
        var isPlain = true
        while let byte = peek, byte != UInt8(ascii: "\"") {
            if byte < 32 { throw failure("a control character in a text") }
            if byte == UInt8(ascii: "\\") { isPlain = false }
            index += byte == UInt8(ascii: "\\") ? 2 : 1
        }
        guard index < bytes.count else { throw failure("a text has no end") }
        index += 1
        if isPlain { return String(decoding: bytes[(start + 1)..<(index - 1)], as: UTF8.self) }
        // Escapes, surrogate pairs included, are Foundation's business.
        guard let text = try? JSONDecoder().decode(String.self, from: Data(bytes[start..<index])) else {
            throw failure("a text has a wrong escape")
        }
        return text
    }

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skipSpace() {
        while let byte = peek, [32, 9, 10, 13].contains(byte) {
            index += 1
            if byte == 10 { (line, lineStart) = (line + 1, index) }
        }
    }

    private mutating func take(_ character: UInt8, _ what: String) throws(Diagnostic) {
        skipSpace()
        guard peek == character else { throw failure("expected \(what)") }
        index += 1
    }

    private var location: SourceLocation {
        let before = String(decoding: bytes[lineStart..<min(index, bytes.count)], as: UTF8.self)
        return SourceLocation(file: file, line: line, column: before.count + 1)
    }

    private func failure(_ message: String) -> Diagnostic {
        Diagnostic(code: "json-syntax", message, at: location)
    }
}
