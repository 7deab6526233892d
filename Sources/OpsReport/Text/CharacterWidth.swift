/// How many columns a character takes on a terminal.
///
/// Wide ranges are those of Unicode's EastAsianWidth.txt (W and F), joined where gaps are unassigned;
/// ambiguous characters take one column, as terminals outside East Asia show them.
enum CharacterWidth {
    static func of(_ character: Character) -> Int {
        guard let first = character.unicodeScalars.first else { return 0 }
        if first.isASCII { return 1 }
        if isCombining(first) { return 0 }
        if first.properties.isEmojiPresentation || isWide(first.value) { return 2 }
        // Variation selector 16 asks for a coloured picture, which is wide.
        return character.unicodeScalars.contains("\u{FE0F}") ? 2 : 1
    }

    /// Whether the scalar is drawn over the one before it, or not at all.
    static func isCombining(_ scalar: Unicode.Scalar) -> Bool {
        guard !scalar.isASCII else { return false }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return true
        default: return false
        }
    }

    private static func isWide(_ value: UInt32) -> Bool {
        guard value >= 0x1100 else { return false }
        return wide.contains { $0.contains(value) }
    }

    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0xA4CF,
        0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60,
        0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1B000...0x1B2FF, 0x1F200...0x1F2FF, 0x20000...0x3FFFD,
    ]
}
