import OpsCore

/// JSON as Python's `json.dumps(value, sort_keys=True, indent=4, ensure_ascii=False)` writes it.
public struct JSONText: Sendable {
    private var bytes: [UInt8] = []

    /// Secrets become `Secret.mask`.
    public static func pretty(_ value: Value) -> String {
        var writer = JSONText()
        writer.bytes.reserveCapacity(1 << 16)
        writer.write(value, indent: 0)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private mutating func write(_ value: Value, indent: Int) {
        switch value {
        case .null: append("null")
        case .bool(let flag): append(flag ? "true" : "false")
        case .int(let number): append(String(number))
        case .double(let number): append(Self.number(number))
        case .string(let text): write(text)
        case .secret: write(Secret.mask)
        case .list(let items):
            if items.isEmpty { return append("[]") }
            bytes.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                separate(index, indent + 4)
                write(item, indent: indent + 4)
            }
            close("]", indent)
        case .map(let map): write(map, indent: indent)
        }
    }

    private mutating func write(_ map: ValueMap, indent: Int) {
        if map.isEmpty { return append("{}") }
        bytes.append(UInt8(ascii: "{"))
        let sorted = map.elements.map { (Self.key($0.key), $0.value) }.sorted { codePointOrder($0.0, $1.0) }
        for (index, (key, value)) in sorted.enumerated() {
            separate(index, indent + 4)
            write(key)
            append(": ")
            write(value, indent: indent + 4)
        }
        close("}", indent)
    }

    private mutating func separate(_ index: Int, _ indent: Int) {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        newline(indent)
    }

    private mutating func close(_ bracket: Character, _ indent: Int) {
        newline(indent)
        append(String(bracket))
    }

    private mutating func newline(_ indent: Int) {
        bytes.append(UInt8(ascii: "\n"))
        for _ in 0..<indent { bytes.append(UInt8(ascii: " ")) }
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private static func key(_ value: Value) -> String {
        switch value {
        case .string(let text): text
        case .int(let number): String(number)
        case .double(let number): self.number(number)
        case .bool(let flag): flag ? "true" : "false"
        case .null: "null"
        case .secret, .list, .map: Secret.mask
        }
    }

    private static func number(_ number: Double) -> String {
        number.isNaN ? "NaN" : number.isInfinite ? number < 0 ? "-Infinity" : "Infinity" : PythonText.float(number)
    }

    /// Only quotes, backslashes and control characters are escaped.
    private mutating func write(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): append("\\\"")
            case UInt8(ascii: "\\"): append("\\\\")
            case 10: append("\\n")
            case 13: append("\\r")
            case 9: append("\\t")
            case 8: append("\\b")
            case 12: append("\\f")
            case 0..<32: append("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16))
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
