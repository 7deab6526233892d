import Foundation
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
        /// As bytes: texts that only differ in their Unicode normalization are two.
        var known: Set<[UInt8]> = []
        var names: Set<[UInt8]> = []
        /// Lines that stand beside secrets and have nothing of them.
        var plainLines: Set<String> = []
        var forms = MaskedForms()
    }

    private let state = Mutex(State())

    public init() {}

    /// From now on this secret is masked, wherever it stands.
    public func register(_ secret: Secret) { register(secret, under: nil) }

    /// Registers every secret inside a value; short names (`OrdinaryWord`) only where they stand as words.
    public func register(in value: Value) { register(in: value, under: nil) }

    /// Registers what a template made from secrets. Of texts of several lines each line counts for itself, unless it is
    /// known to be plain.
    public func register(derived value: Value) {
        switch value {
        case .secret(let secret):
            let lines = secret.reveal { $0.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) } }
            if lines.count < 2 { return register(secret) }
            let plain = state.withLock { $0.plainLines }
            for line in lines where !plain.contains(line) { register(Secret(line)) }
        case .list(let items): for item in items { register(derived: item) }
        case .map(let map):
            for (key, value) in map {
                register(derived: key)
                register(derived: value)
            }
        default: break
        }
    }

    /// Takes note of the lines of a secret text in which nothing is masked: they have nothing of a secret wherever the
    /// text goes. The secrets in it must be registered before.
    public func register(assembled text: String) {
        guard text.contains(where: \.isNewline) else { return }
        let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
        let plain = lines.filter { $0.utf8.count >= Self.shortestMasked && redact($0) == $0 }
        state.withLock { $0.plainLines.formUnion(plain) }
    }

    private func register(in value: Value, under key: String?) {
        switch value {
        case .secret(let secret): register(secret, under: key)
        case .list(let items): for item in items { register(in: item, under: key) }
        case .map(let map):
            for (name, value) in map {
                register(in: name)
                register(in: value, under: name.string)
            }
        default: break
        }
    }

    /// - Parameter key: of the value in its file; nil for what was made from others
    private func register(_ secret: Secret, under key: String?) {
        let isName = key.map { key in secret.reveal { OrdinaryWord.isOne($0, under: key) } } ?? false
        let plain = secret.reveal { Array($0.utf8) }
        let isNews = state.withLock { state in
            // A name that is used somewhere is still that name; the same text as a password is not.
            if isName || key == nil, state.names.contains(plain) { return false }
            return isName ? state.names.insert(plain).inserted && !state.known.contains(plain) : state.known.insert(plain).inserted
        }
        guard isNews else { return }
        let forms = secret.reveal { SecretForms.all(of: $0) }.filter { $0.count >= Self.shortestMasked }
        let shortLines = secret.reveal { SecretForms.shortLines(of: $0) }.filter { $0.count >= Self.shortestMasked }
        let unescaped = secret.reveal { SecretForms.unescaped(of: $0) }.filter { $0.count >= Self.shortestMasked }
        state.withLock { state in
            for form in forms { state.forms.add(form, onlyAsWord: isName && form == plain) }
            for form in shortLines { state.forms.add(form, onlyAsWord: true) }
            for form in unescaped { state.forms.add(unescaped: form) }
        }
    }

    /// The text with every known secret replaced by `Secret.mask`.
    public func redact(_ text: String) -> String {
        let forms = state.withLock { $0.forms }
        guard forms.longest > 0, !text.isEmpty else { return text }
        let bytes = Array(text.utf8)
        return String(decoding: forms.mask(bytes, upTo: bytes.count).shown, as: UTF8.self)
    }

    /// Masks the bytes of a stream up to where a secret may begin that goes on behind the end.
    /// - Parameter start: bytes before it were shown already; they are here for what stands next to them
    /// - Returns: what can be shown, and where the rest begins.
    func redact(beginningOf bytes: [UInt8], from start: Int) -> (shown: [UInt8], end: Int) {
        let forms = state.withLock { $0.forms }
        return forms.mask(bytes, from: start, upTo: forms.beginningOfUncertainty(in: bytes, from: start))
    }

    /// Masks the end of a stream.
    func redact(endOf bytes: [UInt8], from start: Int) -> [UInt8] {
        state.withLock { $0.forms }.mask(bytes, from: start, upTo: bytes.count).shown
    }
}
