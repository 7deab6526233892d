/// Masks secrets in a stream whose chunks may cut them anywhere.
public struct StreamRedactor: Sendable {
    private let redactor: Redactor
    private var held: [UInt8] = []
    /// How many bytes at the beginning of `held` were shown already.
    private var seen = 0
    /// What was masked already, and ends within a character.
    private var cut: [UInt8] = []

    public init(_ redactor: Redactor) { self.redactor = redactor }

    /// Takes a chunk, gives what can already be shown: all but the beginning of what could be a secret, and a
    /// character that was cut.
    public mutating func feed(_ chunk: some Sequence<UInt8>) -> String {
        held += chunk
        let (masked, end) = redactor.redact(beginningOf: held, from: seen)
        let text = cut + masked
        let whole = Self.endOfWholeCharacters(text)
        cut = Array(text[whole...])
        let kept = max(0, end - MaskedForms.context)
        held.removeFirst(kept)
        seen = end - kept
        return String(decoding: text[..<whole], as: UTF8.self)
    }

    /// Where a UTF-8 sequence begins that lacks its end; else the end. RFC 3629 section 3.
    private static func endOfWholeCharacters(_ bytes: [UInt8]) -> Int {
        for back in 1...3 where back <= bytes.count {
            let byte = bytes[bytes.count - back]
            if byte & 0b1100_0000 == 0b1000_0000 { continue }
            let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
            return length > back ? bytes.count - back : bytes.count
        }
        return bytes.count
    }

    /// Gives what was held back.
    public mutating func finish() -> String {
        defer { (held, seen, cut) = ([], 0, []) }
        return String(decoding: cut + redactor.redact(endOf: held, from: seen), as: UTF8.self)
    }
}
