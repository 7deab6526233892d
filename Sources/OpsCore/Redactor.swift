import Foundation
import Synchronization

/// Masks known secrets in text that is about to be shown or stored.
///
/// The second net behind `Secret`: hosts and tools can echo a secret back in any form. One redactor
/// lives as long as a run; every decrypted or derived secret is registered with it. Each is masked
/// as it is and in the forms it takes when quoted for a shell, written as JSON, base64 or URL encoded.
public final class Redactor: Sendable {
    /// Shorter texts are not masked: they'd tear ordinary words apart and hide nothing.
    public static let shortestMasked = 4

    private struct State {
        var forms: Set<String> = []
        /// Longest first, so that a form never leaves the rest of a longer one behind.
        var ordered: [[UInt8]] = []
    }

    private let state = Mutex(State())

    public init() {}

    /// From now on this secret is masked.
    public func register(_ secret: Secret) {
        let new = secret.reveal { Self.forms(of: $0) }
        state.withLock { state in
            guard !new.isSubset(of: state.forms) else { return }
            state.forms.formUnion(new)
            state.ordered = state.forms.map { Array($0.utf8) }.sorted { $0.count > $1.count }
        }
    }

    /// Registers every secret inside a value.
    public func register(in value: Value) {
        switch value {
        case .secret(let secret): register(secret)
        case .list(let items): items.forEach(register(in:))
        case .map(let map):
            for (key, value) in map {
                register(in: key)
                register(in: value)
            }
        default: break
        }
    }

    /// The text with every known secret replaced by `Secret.mask`.
    public func redact(_ text: String) -> String {
        let forms = state.withLock { $0.ordered }
        guard !forms.isEmpty else { return text }
        let bytes = Array(text.utf8)
        return String(decoding: Self.mask(bytes, forms: forms, upTo: bytes.count).shown, as: UTF8.self)
    }

    /// Masks the bytes of a stream as far as no secret can begin there that goes on behind the end.
    /// - Returns: what can be shown, and how many bytes that used up.
    func redact(beginningOf bytes: [UInt8]) -> (shown: [UInt8], used: Int) {
        let forms = state.withLock { $0.ordered }
        let open = max(0, (forms.first?.count ?? 0) - 1)
        return Self.mask(bytes, forms: forms, upTo: max(0, bytes.count - open))
    }

    /// Masks every form that begins before `end`.
    private static func mask(_ bytes: [UInt8], forms: [[UInt8]], upTo end: Int) -> (shown: [UInt8], used: Int) {
        var byFirst: [UInt8: [[UInt8]]] = [:]
        for form in forms { byFirst[form[0], default: []].append(form) }
        var shown: [UInt8] = []
        var copied = 0
        var position = 0
        while position < end {
            if let form = byFirst[bytes[position]]?.first(where: { bytes[position...].starts(with: $0) }) {
                shown += bytes[copied..<position]
                shown += Array(Secret.mask.utf8)
                position += form.count
                copied = position
            } else {
                position += 1
            }
        }
        return (shown + bytes[copied..<position], position)
    }

    /// Every form in which a secret can come back.
    static func forms(of text: String) -> Set<String> {
        var plain: Set<String> = [text, text.trimmingCharacters(in: .whitespacesAndNewlines)]
        // A multi-line secret (a key) is also masked line by line: output is cut at lines.
        for line in text.split(separator: "\n") where line.utf8.count >= 8 { plain.insert(String(line)) }
        var forms = plain
        for text in plain {
            forms.insert(text.replacing("'", with: "'\\''"))
            forms.insert(text.replacing("'", with: "'\"'\"'"))
            forms.insert(jsonEscaped(text))
            forms.insert(jsonEscaped(text).replacing("/", with: "\\/"))
            forms.insert(text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? text)
            for shift in 0..<3 { forms.insert(base64Core(text, shift: shift)) }
            for shift in 0..<3 {
                forms.insert(
                    base64Core(text, shift: shift).replacing("+", with: "-").replacing("/", with: "_"))
            }
        }
        return forms.filter { $0.utf8.count >= shortestMasked }
    }

    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

    private static func jsonEscaped(_ text: String) -> String {
        guard let data = try? JSONEncoder.plain.encode(text) else { return text }
        return String(String(decoding: data, as: UTF8.self).dropFirst().dropLast())
    }

    /// The characters of a base64 encoding that depend on this text alone, when `shift` bytes stand before it.
    private static func base64Core(_ text: String, shift: Int) -> String {
        let bytes = [UInt8](repeating: 0, count: shift) + Array(text.utf8)
        let encoded = Data(bytes).base64EncodedString()
        let skipped = (shift * 8 + 5) / 6
        let whole = bytes.count * 8 / 6
        return String(encoded.prefix(whole).dropFirst(skipped))
    }
}

extension JSONEncoder {
    fileprivate static let plain: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return encoder
    }()
}

/// Masks secrets in a stream whose chunks may cut them anywhere.
public struct StreamRedactor: Sendable {
    private let redactor: Redactor
    private var held: [UInt8] = []

    public init(_ redactor: Redactor) { self.redactor = redactor }

    /// Takes a chunk, gives what can already be shown. Up to the longest secret's length is held back, and a
    /// character that was cut.
    public mutating func feed(_ chunk: some Sequence<UInt8>) -> String {
        held += chunk
        let (shown, used) = redactor.redact(beginningOf: held)
        let whole = Self.endOfWholeCharacters(shown)
        held = Array(shown[whole...] + held[used...])
        return String(decoding: shown[..<whole], as: UTF8.self)
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
        defer { held = [] }
        return redactor.redact(String(decoding: held, as: UTF8.self))
    }
}
