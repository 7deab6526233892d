import Foundation

/// A secret that exists nowhere else, and every form in which it could turn up. The forms are made here and not by
/// opsctl: the search must not share its blind spots.
struct Sentinel {
    let text: String

    /// - Parameter isAwkward: with characters that every format writes in its own way
    init(isAwkward: Bool = false) {
        let letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"
        func random(_ count: Int) -> String { String((0..<count).compactMap { _ in letters.randomElement() }) }
        text = isAwkward ? random(12) + " it's \"5/6\" & <ü> " + random(12) : random(24)
    }

    /// A number that fits 64 bits.
    init(digits count: Int) {
        text = "7" + String((1..<count).compactMap { _ in "0123456789".randomElement() })
    }

    /// Fixed strings for `grep -F`, none of them short enough to be there by chance.
    var forms: Set<String> {
        let data = Data(text.utf8)
        var forms: Set<String> = [text, text.uppercased(), text.lowercased(), String(text.prefix(10)), String(text.suffix(10))]
        forms.formUnion((0..<3).flatMap { shift in
            let core = Self.base64Core(data, shift: shift)
            return [core, core.replacing("+", with: "-").replacing("/", with: "_")]
        })
        let percent = data.map { byte in
            byte < 0x80 && Self.isAlphanumeric(byte) ? String(UnicodeScalar(byte)) : String(format: "%%%02X", byte)
        }
        let urls = [percent, percent.map { $0.count == 3 ? $0.lowercased() : $0 }]
        forms.formUnion(urls.map { $0.joined() } + urls.map { $0.joined().replacing("%20", with: "+") })
        let json = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        forms.formUnion([
            json, json.replacing("/", with: "\\/"), json.replacing("ü", with: "\\u00fc"), json.replacing("ü", with: "\\xfc"),
        ])
        forms.formUnion(["''", "'\\''", "'\"'\"'", "&#39;", "&apos;", "\\'"].map { text.replacing("'", with: $0) })
        let markup = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        forms.formUnion([markup, markup.replacing("\"", with: "&quot;").replacing("'", with: "&#39;")])
        let hex = data.map { String(format: "%02x", $0) }.joined()
        forms.formUnion([hex, hex.uppercased()])
        return forms
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    /// The characters that depend on the text alone when `shift` bytes stand before it.
    private static func base64Core(_ data: Data, shift: Int) -> String {
        let encoded = (Data(count: shift) + data).base64EncodedString()
        return String(encoded.prefix((data.count + shift) * 8 / 6).dropFirst((shift * 8 + 5) / 6))
    }
}

/// Looks for sentinels with `grep`, which knows nothing of opsctl.
struct SentinelSearch {
    /// Forms, one per line, for the owner only; outside of everything that is searched.
    let patterns: String

    init(_ sentinels: [Sentinel], in directory: String) throws {
        patterns = directory + "/patterns"
        let lines = sentinels.reduce(into: Set<String>()) { $0.formUnion($1.forms) }.sorted().joined(separator: "\n")
        try Data((lines + "\n").utf8).write(to: URL(filePath: patterns))
    }

    /// Each place as `file:form`, in these files and directories.
    func hits(in paths: [String]) async throws -> [String] {
        let found = try await Lab.tool("sh", ["-c", "LC_ALL=C grep -raoF -f \"$0\" -- \"$@\" || [ $? = 1 ]", patterns] + paths)
        return found.split(separator: "\n").map(String.init)
    }
}
