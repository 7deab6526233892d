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
    /// The same by their first byte, in no order.
    private var byFirst = [[Form]](repeating: [], count: 256)
    private var firstBytes = [Bool](repeating: false, count: 256)
    /// Forms without backslashes, longest first: in a text, any number of them may stand between the bytes.
    private var unescaped: [[UInt8]] = []
    /// Most bytes that a text needs for one byte of such a form.
    private static let escapedLength = 8
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
        byFirst[Int(bytes[0])].append(Form(bytes: bytes, onlyAsWord: onlyAsWord))
        firstBytes[Int(bytes[0])] = true
        longest = max(longest, bytes.count)
    }

    mutating func add(unescaped bytes: [UInt8]) {
        guard let first = bytes.first, !unescaped.contains(bytes) else { return }
        unescaped.insert(bytes, at: unescaped.firstIndex { $0.count < bytes.count } ?? unescaped.count)
        firstBytes[Int(first)] = true
        longest = max(longest, bytes.count * Self.escapedLength)
    }

    /// Masks every form that begins at `start` or later and before `end`.
    /// - Returns: what is to be shown for it, and where the last form or `end` ended
    func mask(_ bytes: [UInt8], from start: Int = 0, upTo end: Int) -> (shown: [UInt8], end: Int) {
        var shown: [UInt8] = []
        var copied = start
        var position = start
        while position < end {
            if firstBytes[Int(bytes[position])], let length = length(in: bytes, at: position) {
                shown += bytes[copied..<position]
                shown += Array(Secret.mask.utf8)
                position += length
                copied = position
            } else {
                position += 1
            }
        }
        return (shown + bytes[copied..<position], position)
    }

    /// How long the form is that begins here; nil if none does.
    private func length(in bytes: [UInt8], at position: Int) -> Int? {
        let exact = Self.start(bytes, position).flatMap { byStart[$0] }?.first { form in
            bytes[position...].starts(with: form.bytes)
                && (!form.onlyAsWord || OrdinaryWord.standsApart(bytes, position..<position + form.bytes.count))
        }
        return exact?.bytes.count ?? unescaped.lazy.compactMap { Self.length(of: $0, in: bytes, at: position) }.first
    }

    /// How many bytes the form takes in the text with the backslashes in between.
    private static func length(of form: [UInt8], in bytes: [UInt8], at start: Int) -> Int? {
        guard bytes[start] == form[0] else { return nil }
        let end = min(bytes.count, start + form.count * escapedLength)
        var position = start + 1
        for byte in form.dropFirst() {
            while position < end, bytes[position] == UInt8(ascii: "\\") { position += 1 }
            guard position < end, bytes[position] == byte else { return nil }
            position += 1
        }
        return position - start
    }

    /// Where a form may begin of which the end is still to come; the end of the bytes if none does.
    func beginningOfUncertainty(in bytes: [UInt8], from start: Int) -> Int {
        for position in max(start, bytes.count - longest - Self.context)..<max(start, bytes.count) where firstBytes[Int(bytes[position])] {
            let rest = bytes[position...]
            let isExact = byFirst[Int(bytes[position])].contains { form in
                let needed = form.bytes.count + (form.onlyAsWord ? Self.context : 0)
                return rest.count < needed && form.bytes.starts(with: rest.prefix(form.bytes.count))
            }
            if isExact || unescaped.contains(where: { Self.isCut($0, rest) }) { return position }
        }
        return bytes.count
    }

    /// Whether the text ends within the form.
    private static func isCut(_ form: [UInt8], _ text: ArraySlice<UInt8>) -> Bool {
        guard text.first == form[0] else { return false }
        var matched = 1
        for byte in text.dropFirst() where !(byte == UInt8(ascii: "\\")) {
            guard matched < form.count, byte == form[matched] else { return false }
            matched += 1
        }
        return matched < form.count
    }

    private static func start(_ bytes: [UInt8], _ position: Int) -> UInt32? {
        guard position + 4 <= bytes.count else { return nil }
        return bytes[position..<position + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
}
