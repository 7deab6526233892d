import Foundation

/// Every form in which a secret can come back from a host, a tool or a template.
enum SecretForms {
    /// Of longer texts, in bytes, only the lines are looked for, as they are.
    private static let longest = 65_536

    /// From so many bytes on, a line of a longer text is masked wherever it stands.
    private static let longLine = 8

    /// The lines that are too short to be masked inside of other words.
    static func shortLines(of text: String) -> Set<[UInt8]> {
        guard text.contains("\n") else { return [] }
        return Set(text.split(separator: "\n").map { Array($0.utf8) }.filter { $0.count < longLine })
    }

    /// As bytes: texts that only differ in their Unicode normalization are two forms.
    static func all(of text: String) -> Set<[UInt8]> {
        // A multi-line secret (a key) is also masked line by line: output is cut at lines.
        let lines = text.split(separator: "\n").filter { $0.utf8.count >= longLine }.map(String.init)
        guard text.utf8.count <= longest else { return Set(lines.map { Array($0.utf8) }) }
        let plain = [text, text.trimmingCharacters(in: .whitespacesAndNewlines)] + lines
        return Set(plain.flatMap(forms).filter { !$0.isEmpty }.map { Array($0.utf8) })
    }

    /// Forms without their backslashes, for texts in which a format may have put some: printed as JSON, by Python's
    /// `repr`, or as one within the other, they differ in nothing else. None for texts that nobody escapes.
    static func unescaped(of text: String) -> Set<[UInt8]> {
        guard text.utf8.count <= longest,
            text.utf8.contains(where: { $0 < 0x20 || $0 >= 0x7F || "\"'\\/".utf8.contains($0) })
        else { return [] }
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        let forms = [text, trimmed].flatMap { [$0] + quoted($0) + json($0) }
        return Set(forms.map { $0.utf8.filter { $0 != UInt8(ascii: "\\") } })
    }

    private static func forms(_ text: String) -> [String] {
        [text] + quoted(text) + json(text) + url(text) + markup(text) + base64(text) + hexadecimal(text)
    }

    /// In single quotes of a shell, of YAML and of SQL.
    private static func quoted(_ text: String) -> [String] {
        ["'\\''", "'\"'\"'", "''"].map { text.replacing("'", with: $0) }
    }

    /// RFC 8259 section 7, with slashes and other than ASCII characters escaped or not.
    private static func json(_ text: String) -> [String] {
        guard let data = try? encoder.encode(text) else { return [] }
        let escaped = String(String(decoding: data, as: UTF8.self).dropFirst().dropLast())
        let ascii = escaped.utf16.map { unit in
            guard unit >= 0x80 else { return String(UnicodeScalar(UInt8(unit))) }
            let digits = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }.joined()
        return [escaped, escaped.replacing("/", with: "\\/"), ascii]
    }

    private static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return encoder
    }()

    /// RFC 3986 section 2.1 in both cases, and as HTML forms write spaces.
    private static func url(_ text: String) -> [String] {
        let upper = text.utf8.map { byte in
            unreserved.contains(byte) ? String(UnicodeScalar(byte)) : "%" + hex(byte).uppercased()
        }
        let lower = upper.map { $0.count == 3 ? $0.lowercased() : $0 }
        return [upper, lower].flatMap { pieces in
            [pieces.joined(), pieces.map { $0 == "%20" ? "+" : $0 }.joined()]
        }
    }

    private static let unreserved = Set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)

    private static func hex(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }

    /// As HTML and XML write it: with decimal, hexadecimal or named references for quotes.
    private static func markup(_ text: String) -> [String] {
        let base = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        return [base]
            + [("&#34;", "&#39;"), ("&quot;", "&#x27;"), ("&quot;", "&apos;")].map { double, single in
                base.replacing("\"", with: double).replacing("'", with: single)
            }
    }

    /// RFC 4648 sections 4 and 5: the characters that depend on this text alone, whatever stands around it.
    private static func base64(_ text: String) -> [String] {
        // Whole encodings first: the core leaves the last group and its padding standing.
        [Data(text.utf8).base64EncodedString()] + wrappedBase64(text) + (0..<3).flatMap { shift in
            let core = base64Core(text, shift: shift)
            return [core, core.replacing("+", with: "-").replacing("/", with: "_")]
        }
    }

    /// The lines that `base64` (76 columns) and PEM (64 columns, RFC 7468) break a long encoding into.
    private static func wrappedBase64(_ text: String) -> [String] {
        let encoded = Array(Data(text.utf8).base64EncodedString().utf8)
        return [64, 76].filter { $0 < encoded.count }.flatMap { width in
            stride(from: 0, to: encoded.count, by: width).map { start in
                String(decoding: encoded[start..<min(start + width, encoded.count)], as: UTF8.self)
            }.filter { $0.count >= 8 }
        }
    }

    private static func hexadecimal(_ text: String) -> [String] {
        let lower = text.utf8.map(hex).joined()
        return [lower, lower.uppercased()]
    }

    /// The part of an encoding that is certain when `shift` bytes stand before the text.
    private static func base64Core(_ text: String, shift: Int) -> String {
        let bytes = [UInt8](repeating: 0, count: shift) + Array(text.utf8)
        let encoded = Data(bytes).base64EncodedString()
        let skipped = (shift * 8 + 5) / 6
        let whole = bytes.count * 8 / 6
        return String(encoded.prefix(whole).dropFirst(skipped))
    }
}
