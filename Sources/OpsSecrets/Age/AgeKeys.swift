import Crypto

/// Someone a file can be encrypted to.
public protocol AgeRecipient: Sendable {
    /// The text that names it: `age1...` or `ssh-ed25519 AAAA...`; a passphrase has no such text.
    var name: String { get }
    func wrap(_ fileKey: SymmetricKey) throws -> AgeStanza
}

/// What opens files: a private key or a passphrase.
public protocol AgeIdentity: Sendable {
    /// Public name for messages: the recipient's text, shortened where it is long.
    var name: String { get }
    /// The file key; nil if the stanza is not for this identity.
    /// - Throws: `AgeError` if the stanza is for this kind of identity but malformed, or a prompt was refused.
    func unwrap(_ stanza: AgeStanza) throws -> SymmetricKey?
}
