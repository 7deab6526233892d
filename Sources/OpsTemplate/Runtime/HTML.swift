/// HTML escaping as MarkupSafe does it.
enum HTML {
    static func escape(_ text: String) -> String {
        guard text.utf8.contains(where: isSpecial) else { return text }
        var result = ""
        result.reserveCapacity(text.utf8.count + 16)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&#34;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "&") || byte == UInt8(ascii: "<") || byte == UInt8(ascii: ">")
            || byte == UInt8(ascii: "\"")
            || byte == UInt8(ascii: "'")
    }
}

extension HTML {
    /// The text without comments and tags, entities resolved, white space runs as single spaces.
    static func stripTags(_ text: String) -> String {
        var rest = without(text, from: "<!--", to: "-->")
        rest = without(rest, from: "<", to: ">")
        return unescape(PythonText.splitSpace(rest).joined(separator: " "))
    }

    private static func without(_ text: String, from open: String, to close: String) -> String {
        var result = ""
        var rest = text
        while true {
            let head = rest.splitText(open, limit: 1)
            guard head.count == 2 else { return result + rest }
            let tail = head[1].splitText(close, limit: 1)
            guard tail.count == 2 else { return result + rest }
            result += head[0]
            rest = tail[1]
        }
    }

    private static let entities: [String: String] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": "\u{A0}", "copy": "©", "reg": "®",
        "hellip": "…",
        "ndash": "–", "mdash": "—", "laquo": "«", "raquo": "»", "lsquo": "‘", "rsquo": "’", "ldquo": "“", "rdquo": "”",
        "euro": "€", "times": "×", "middot": "·", "deg": "°",
    ]

    static func unescape(_ text: String) -> String {
        let pieces = text.splitText("&")
        return pieces.dropFirst().reduce(into: pieces[0]) { result, piece in
            let parts = piece.splitText(";", limit: 1)
            if parts.count == 2, let resolved = entity(parts[0]) {
                result += resolved + parts[1]
            } else {
                result += "&" + piece
            }
        }
    }

    private static func entity(_ name: String) -> String? {
        guard name.hasPrefix("#") else { return entities[name] }
        let digits = name.dropFirst()
        let code = digits.first == "x" || digits.first == "X" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        return code.flatMap(Unicode.Scalar.init).map { String($0) }
    }
}
