/// Python's string literals.
enum PythonLiteral {
    /// `repr()` of a string.
    static func quote(_ text: String) -> String {
        let quote: Unicode.Scalar =
            text.unicodeScalars.contains("'") && !text.unicodeScalars.contains("\"") ? "\"" : "'"
        var result = String.UnicodeScalarView([quote])
        for scalar in text.unicodeScalars {
            switch scalar {
            case quote, "\\": result.append(contentsOf: "\\".unicodeScalars); result.append(scalar)
            case "\n": result.append(contentsOf: "\\n".unicodeScalars)
            case "\r": result.append(contentsOf: "\\r".unicodeScalars)
            case "\t": result.append(contentsOf: "\\t".unicodeScalars)
            default:
                if isPrintable(scalar) {
                    result.append(scalar)
                } else {
                    result.append(contentsOf: escape(scalar).unicodeScalars)
                }
            }
        }
        result.append(quote)
        return String(result)
    }

    /// `ascii()` of what `repr()` gave.
    static func ascii(_ representation: String) -> String {
        if representation.isASCIIOnly { return representation }
        return representation.unicodeScalars.map { $0.isASCII ? String($0) : escape($0) }.joined()
    }

    /// Whether `str.isprintable` says so.
    static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return (0x20..<0x7F).contains(scalar.value) }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default: return true
        }
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        let hex = String(scalar.value, radix: 16)
        func padded(_ width: Int) -> String { String(repeating: "0", count: width - hex.count) + hex }
        if scalar.value < 0x100 { return "\\x" + padded(2) }
        return scalar.value < 0x10000 ? "\\u" + padded(4) : "\\U" + padded(8)
    }

    /// The text with its backslash escapes resolved; nil if one is malformed.
    static func unescape(_ text: String) -> String? {
        var result = String.UnicodeScalarView()
        var scalars = text.unicodeScalars.makeIterator()
        var pending: Unicode.Scalar?
        while let scalar = pending ?? scalars.next() {
            pending = nil
            guard scalar == "\\" else { result.append(scalar); continue }
            guard let kind = scalars.next() else { return nil }
            switch kind {
            case "\n": break
            case "x", "u", "U":
                let width = kind == "x" ? 2 : kind == "u" ? 4 : 8
                guard let decoded = hex(&scalars, width) else { return nil }
                result.append(decoded)
            case "0"..."7":
                var value = kind.value - 0x30
                var count = 1
                while count < 3, let digit = scalars.next() {
                    guard ("0"..."7").contains(digit) else { pending = digit; break }
                    value = value * 8 + digit.value - 0x30
                    count += 1
                }
                guard let decoded = Unicode.Scalar(value) else { return nil }
                result.append(decoded)
            case "N":
                guard let named = named(&scalars) else { return nil }
                result.append(named)
            default:
                if let simple = simpleEscapes[kind] {
                    result.append(simple)
                } else {
                    result.append(scalar); result.append(kind)
                }
            }
        }
        return String(result)
    }

    private static let simpleEscapes: [Unicode.Scalar: Unicode.Scalar] = [
        "\\": "\\", "'": "'", "\"": "\"", "n": "\n", "t": "\t", "r": "\r", "a": "\u{07}", "b": "\u{08}", "f": "\u{0C}",
        "v": "\u{0B}"
    ]

    /// The character of a name in braces, as in `\\N{DEGREE SIGN}`.
    private static func named(_ scalars: inout String.UnicodeScalarView.Iterator) -> Unicode.Scalar? {
        guard scalars.next() == "{" else { return nil }
        var name = ""
        while let scalar = scalars.next() {
            if scalar == "}" { return byName[name.uppercased()] }
            name.unicodeScalars.append(scalar)
        }
        return nil
    }

    /// Made when the first name is asked for. Behind the range are only ideographs without names of their own.
    private static let byName: [String: Unicode.Scalar] = {
        let scalars = (UInt32(0)..<0x20000).compactMap(Unicode.Scalar.init)
        let names = scalars.compactMap { scalar in scalar.properties.name.map { ($0, scalar) } }
        return Dictionary(names, uniquingKeysWith: { first, _ in first })
    }()

    private static func hex(_ scalars: inout String.UnicodeScalarView.Iterator, _ width: Int) -> Unicode.Scalar? {
        var value: UInt32 = 0
        for _ in 0..<width {
            guard let digit = scalars.next(), let number = Character(digit).hexDigitValue else { return nil }
            value = value << 4 | UInt32(number)
        }
        return Unicode.Scalar(value)
    }
}
