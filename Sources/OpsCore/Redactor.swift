import Synchronization

/// Masks known secrets in text that is about to be shown or stored.
///
/// The second net behind `Secret`: hosts and tools can echo a secret back in any form. One redactor
/// lives as long as a run; every decrypted or derived secret is registered with it. Each is masked
/// in every form that `SecretForms` knows.
public final class Redactor: Sendable {
    /// Shorter texts are not masked: they'd tear ordinary words apart and hide nothing.
    public static let shortestMasked = 4

    private struct State {
        var forms: Set<[UInt8]> = []
        /// By their first byte; longest first, so that a form never leaves the rest of a longer one behind.
        var byFirst = [[[UInt8]]](repeating: [], count: 256)
        var longest = 0
    }

    private let state = Mutex(State())

    public init() {}

    /// From now on this secret is masked.
    public func register(_ secret: Secret) {
        let forms = secret.reveal { SecretForms.all(of: $0) }.filter { $0.count >= Self.shortestMasked }
        state.withLock { state in
            for form in forms where state.forms.insert(form).inserted {
                let first = Int(form[0])
                let place = state.byFirst[first].firstIndex { $0.count < form.count } ?? state.byFirst[first].count
                state.byFirst[first].insert(form, at: place)
                state.longest = max(state.longest, form.count)
            }
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
        let (byFirst, longest) = state.withLock { ($0.byFirst, $0.longest) }
        guard longest > 0, !text.isEmpty else { return text }
        let bytes = Array(text.utf8)
        return String(decoding: Self.mask(bytes, byFirst, upTo: bytes.count).shown, as: UTF8.self)
    }

    /// Masks the bytes of a stream as far as no secret can begin there that goes on behind the end.
    /// - Returns: what can be shown, and how many bytes that used up.
    func redact(beginningOf bytes: [UInt8]) -> (shown: [UInt8], used: Int) {
        let (byFirst, longest) = state.withLock { ($0.byFirst, $0.longest) }
        return Self.mask(bytes, byFirst, upTo: max(0, bytes.count - max(0, longest - 1)))
    }

    /// Masks every form that begins before `end`.
    private static func mask(
        _ bytes: [UInt8], _ byFirst: [[[UInt8]]], upTo end: Int
    ) -> (shown: [UInt8], used: Int) {
        var shown: [UInt8] = []
        var copied = 0
        var position = 0
        while position < end {
            if let form = byFirst[Int(bytes[position])].first(where: { bytes[position...].starts(with: $0) }) {
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
}
