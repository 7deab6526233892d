/// Escapes as Python reads them in texts.
enum PythonEscapes {
    private static let single: [Unicode.Scalar: Unicode.Scalar] = [
        "\\": "\\", "'": "'", "\"": "\"", "a": "\u{7}", "b": "\u{8}", "f": "\u{c}", "n": "\n", "r": "\r", "t": "\t", "v": "\u{b}",
    ]
    private static let digits: [Unicode.Scalar: Int] = ["x": 2, "u": 4, "U": 8]

    /// The text with `\t`, `\x41`, `\u00e9`, `\N{BULLET}` and the like decoded, as in `key=value` arguments
    /// (`parsing/splitter.py`). What is no escape stays as it is.
    static func decoded(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "\\")) else { return text }
        var result = String.UnicodeScalarView()
        var rest = Substring(text).unicodeScalars
        while let scalar = rest.popFirst() {
            if scalar == "\\", let escaped = escape(&rest) { result.append(escaped) } else { result.append(scalar) }
        }
        return String(result)
    }

    /// The character that an escape stands for, of which the backslash is read; nil if it is none.
    private static func escape(_ rest: inout Substring.UnicodeScalarView) -> Unicode.Scalar? {
        guard let kind = rest.first else { return nil }
        let body = rest.dropFirst()
        if let plain = single[kind] {
            rest = body
            return plain
        }
        if kind == "N" {
            guard body.first == "{", let close = body.firstIndex(of: "}"),
                let scalar = scalar(named: String(body[..<close].dropFirst()))
            else { return nil }
            rest = body[body.index(after: close)...]
            return scalar
        }
        guard let count = digits[kind] else { return nil }
        let code = String(body.prefix(count))
        guard code.count == count, code.allSatisfy(\.isHexDigit),
            let scalar = UInt32(code, radix: 16).flatMap(Unicode.Scalar.init)
        else { return nil }
        rest = body.dropFirst(count)
        return scalar
    }

    /// The character of a name in Unicode's list, such as `BULLET`; case makes no difference.
    static func scalar(named name: String) -> Unicode.Scalar? {
        names[name.uppercased()]
    }

    /// Without ideographs and Hangul, which make up most of Unicode and whose names are numbers or syllables.
    private static let names: [String: Unicode.Scalar] = {
        var names: [String: Unicode.Scalar] = [:]
        for code in [0...0x33FF, 0xA000...0xABFF, 0xFB00...0xFFFF, 0x10000...0x16FFF, 0x1B000...0x1FBFF].joined() {
            guard let scalar = Unicode.Scalar(UInt32(code)) else { continue }
            for name in [scalar.properties.name, scalar.properties.nameAlias].compactMap({ $0 }) { names[name] = scalar }
        }
        return names
    }()
}
