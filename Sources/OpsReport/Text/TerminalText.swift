/// Makes text that a host or a file said safe to show, and fits it into columns.
///
/// Everything that did not come from this program goes through here before it reaches a terminal: an
/// escape sequence could rewrite what was shown, set the title or answer a query as if typed.
public enum TerminalText {
    /// One line without control characters. Colours are removed, everything else is made visible
    /// (`\x1b`, `\u{202e}`); a newline becomes `\n` and a tab two spaces.
    ///
    /// At most `limit` characters are read; what was left out is counted at the end.
    public static func line(_ text: some StringProtocol, limit: Int = 1000) -> String {
        let read = text.prefix(limit)
        let escaped = escape(read)
        guard read.endIndex < text.endIndex else { return escaped }
        // Counting bytes is quick whatever the length; characters would all have to be found.
        return escaped + "… (\(text[read.endIndex...].utf8.count) more bytes)"
    }

    /// The lines of a text, each as `line` gives it, without empty ones at the end.
    ///
    /// Of more than `limit` lines the last ones are kept, as errors stand at the end; what was left out is
    /// said in the first line.
    public static func block(_ text: String, limit: Int = 20, lineLimit: Int = 500) -> [String] {
        var lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
        let shown = lines.suffix(limit).map { line($0, limit: lineLimit) }
        let hidden = lines.count - shown.count
        return hidden == 0 ? shown : ["… \(hidden) \(hidden == 1 ? "line" : "lines") before"] + shown
    }

    private static func escape(_ text: some StringProtocol) -> String {
        var result = ""
        var rest = Substring(text).unicodeScalars
        var marks = 0
        while let scalar = rest.first {
            if let colour = colourSequence(rest) {
                rest = rest.dropFirst(colour)
                continue
            }
            rest.removeFirst()
            // Marks pile up on one character without end and spill over neighbouring lines.
            marks = CharacterWidth.isCombining(scalar) ? marks + 1 : 0
            guard marks <= 8 else { continue }
            if let visible = visible(scalar) {
                result += visible
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// The length of the `ESC [ 1 ; 31 m` that starts here, if one does.
    private static func colourSequence(_ text: Substring.UnicodeScalarView) -> Int? {
        guard text.first == "\u{1B}" else { return nil }
        let rest = text.dropFirst()
        guard rest.first == "[" else { return nil }
        let parameters = rest.dropFirst().prefix(32).prefix { ("0"..."9").contains($0) || $0 == ";" || $0 == ":" }
        return rest.dropFirst(1 + parameters.count).first == "m" ? parameters.count + 3 : nil
    }

    /// What stands for a character that must not reach the terminal; nil for all others.
    private static func visible(_ scalar: Unicode.Scalar) -> String? {
        switch scalar.value {
        case 0x09: "  "
        case 0x0A: "\\n"
        case 0x0D: "\\r"
        case 0..<0x20, 0x7F..<0xA0: "\\x" + hex(scalar.value, digits: 2)
        // Direction marks, overrides and isolates reorder what is shown; tags and fillers hide text.
        case 0x61C, 0x180E, 0x200B...0x200C, 0x200E...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF,
            0xFFF9...0xFFFB, 0xE0000...0xE007F:
            "\\u{" + hex(scalar.value, digits: 4) + "}"
        default: nil
        }
    }

    private static func hex(_ value: UInt32, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}

// MARK: - Fitting

extension TerminalText {
    /// Columns that the text takes. The text must be free of control characters.
    public static func width(_ text: some StringProtocol) -> Int {
        text.reduce(0) { $0 + CharacterWidth.of($1) }
    }

    /// The text if it fits into `columns`, else as much of it as fits with `…` at the end.
    public static func truncate(_ text: String, to columns: Int) -> String {
        guard columns > 0 else { return "" }
        var used = 0
        var fitting = text.startIndex
        for index in text.indices {
            used += CharacterWidth.of(text[index])
            if used > columns { return text[..<fitting] + "…" }
            if used <= columns - 1 { fitting = text.index(after: index) }
        }
        return text
    }

    /// The text followed, or for numbers preceded, by spaces up to `columns`.
    public static func pad(_ text: String, to columns: Int, right: Bool = false) -> String {
        let spaces = String(repeating: " ", count: max(0, columns - width(text)))
        return right ? spaces + text : text + spaces
    }
}
