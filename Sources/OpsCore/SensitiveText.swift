/// Text of which it is known whether it may be shown.
public enum SensitiveText: Hashable, Sendable {
    case plain(String)
    case secret(Secret)

    /// The text of a string or secret; nil for any other kind of value.
    public init?(_ value: Value) {
        switch value {
        case .string(let text): self = .plain(text)
        case .secret(let secret): self = .secret(secret)
        default: return nil
        }
    }

    public var isSecret: Bool { if case .secret = self { true } else { false } }

    /// Gives the text to `body`; keep what leaves it as sensitive as this is.
    public func reveal<T, E: Error>(_ body: (String) throws(E) -> T) throws(E) -> T {
        switch self {
        case .plain(let text): try body(text)
        case .secret(let secret): try secret.reveal(body)
        }
    }
}
