/// The byte strings that are masked, found by their first four bytes.
struct MaskedForms {
    /// How far around a form is looked to see whether it stands apart.
    static let context = 2

    private struct Form {
        var bytes: [UInt8]
        var onlyAsWord: Bool
    }

    /// By their first four bytes; longest first, so that a form never leaves the rest of a longer one behind.
    private var byStart: [UInt32: [Form]] = [:]
    private var firstBytes = [Bool](repeating: false, count: 256)
    private(set) var longest = 0

    /// - Parameter bytes: at least four
    mutating func add(_ bytes: [UInt8], onlyAsWord: Bool) {
        guard let start = Self.start(bytes, 0) else { return }
        var forms = byStart[start] ?? []
        if let index = forms.firstIndex(where: { $0.bytes == bytes }) {
            forms[index].onlyAsWord = forms[index].onlyAsWord && onlyAsWord
        } else {
            let place = forms.firstIndex { $0.bytes.count < bytes.count } ?? forms.count
            forms.insert(Form(bytes: bytes, onlyAsWord: onlyAsWord), at: place)
        }
        byStart[start] = forms
        firstBytes[Int(bytes[0])] = true
        longest = max(longest, bytes.count)
    }

    /// Masks every form that begins at `start` or later and before `end`.
    /// - Returns: what is to be shown for it, and where the last form or `end` ended
    func mask(_ bytes: [UInt8], from start: Int = 0, upTo end: Int) -> (shown: [UInt8], end: Int) {
        var shown: [UInt8] = []
        var copied = start
        var position = start
        while position < end {
            if let form = form(in: bytes, at: position) {
                shown += bytes[copied..<position]
                shown += Array(Secret.mask.utf8)
                position += form.bytes.count
                copied = position
            } else {
                position += 1
            }
        }
        return (shown + bytes[copied..<position], position)
    }

    private func form(in bytes: [UInt8], at position: Int) -> Form? {
        guard firstBytes[Int(bytes[position])], let start = Self.start(bytes, position) else { return nil }
        return byStart[start]?.first { form in
            bytes[position...].starts(with: form.bytes)
                && (!form.onlyAsWord || OrdinaryWord.standsApart(bytes, position..<position + form.bytes.count))
        }
    }

    private static func start(_ bytes: [UInt8], _ position: Int) -> UInt32? {
        guard position + 4 <= bytes.count else { return nil }
        return bytes[position..<position + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
}
