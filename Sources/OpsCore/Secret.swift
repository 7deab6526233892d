/// Text that must not be shown: a decrypted password, key or token, or anything rendered from one.
///
/// Interpolating, describing, dumping, comparing in an error message or encoding it gives `•••`.
/// The only way to the text is `reveal`, so every place that uses a secret can be listed.
public struct Secret: Hashable, Sendable {
    /// What stands for a secret wherever one would have been printed.
    public static let mask = "•••"

    private let text: String

    public init(_ text: String) { self.text = text }

    /// Gives the text to `body`; keep what leaves it secret.
    public func reveal<T, E: Error>(_ body: (String) throws(E) -> T) throws(E) -> T { try body(text) }

    public var isEmpty: Bool { text.isEmpty }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable, Encodable {
    public var description: String { Secret.mask }
    public var debugDescription: String { Secret.mask }
    public var customMirror: Mirror { Mirror(self, children: []) }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Secret.mask)
    }
}
