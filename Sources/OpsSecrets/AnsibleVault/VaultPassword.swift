import OpsCore

/// A vault password and the id it goes by.
public struct VaultPassword: Hashable, Sendable {
    public static let defaultID = "default"

    public var id: String
    public var password: SecretBytes

    public init(id: String = VaultPassword.defaultID, _ password: SecretBytes) {
        (self.id, self.password) = (id, password)
    }

    /// A password that is text.
    public init(id: String = VaultPassword.defaultID, _ password: Secret) {
        self.init(id: id, password.reveal { SecretBytes(Array($0.utf8)) })
    }
}

/// Bytes that must not be shown. A password from a file need not be UTF-8, and as text two such passwords could
/// become the same one.
public struct SecretBytes: Hashable, Sendable {
    private let bytes: [UInt8]

    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Gives the bytes to `body`; keep what leaves it secret.
    func reveal<T, E: Error>(_ body: ([UInt8]) throws(E) -> T) throws(E) -> T { try body(bytes) }

    public var isEmpty: Bool { bytes.isEmpty }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { Secret.mask }
    public var debugDescription: String { Secret.mask }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
