import Crypto
import Foundation

/// age's own keys: Curve25519, written `age1...` and `AGE-SECRET-KEY-1...`.
enum AgeX25519 {
    static let stanzaType = "X25519"
    static let label = "age-encryption.org/v1/X25519"

    /// - Throws: `AgeError.header` for a share of small order, whose secret would be all zero for any key
    static func sharedSecret(
        _ key: Curve25519.KeyAgreement.PrivateKey, _ share: some ContiguousBytes
    ) throws(AgeError) -> SharedSecret {
        guard let point = try? Curve25519.KeyAgreement.PublicKey(rawRepresentation: share),
            let secret = try? key.sharedSecretFromKeyAgreement(with: point),
            secret.withUnsafeBytes({ $0.reduce(0, |) }) != 0
        else { throw .header("a recipient has a share of small order") }
        return secret
    }

    static func wrapKey(
        shared: SharedSecret, share: some DataProtocol, recipient: some DataProtocol
    ) -> SymmetricKey {
        shared.hkdfDerivedSymmetricKey(
            using: SHA256.self, salt: Data(share) + Data(recipient), sharedInfo: Data(label.utf8),
            outputByteCount: 32)
    }
}

/// A public key `age1...`.
public struct AgeX25519Recipient: AgeRecipient, Hashable {
    private let bytes: [UInt8]

    /// - Throws: `AgeError.key` or `.unsupported`; the text is public, but not repeated.
    public init(_ text: String) throws(AgeError) {
        guard let (prefix, bytes) = Bech32.decode(text) else { throw .key("not an age recipient: wrong checksum") }
        guard prefix == "age", text == text.lowercased(), bytes.count == 32 else {
            throw .key("not an age recipient: it must begin with age1")
        }
        self.bytes = bytes
    }

    init(_ key: Curve25519.KeyAgreement.PublicKey) { bytes = Array(key.rawRepresentation) }

    public var name: String { Bech32.encode(prefix: "age", bytes: bytes) }

    public func wrap(_ fileKey: SymmetricKey) throws -> AgeStanza {
        let ephemeral = Curve25519.KeyAgreement.PrivateKey()
        let share = ephemeral.publicKey.rawRepresentation
        let shared = try AgeX25519.sharedSecret(ephemeral, bytes)
        let key = AgeX25519.wrapKey(shared: shared, share: share, recipient: bytes)
        return AgeStanza(
            arguments: [AgeX25519.stanzaType, Base64Codec.encode(share, padded: false)],
            body: try AgeKeyWrap.wrap(fileKey, under: key))
    }
}

/// A private key `AGE-SECRET-KEY-1...`.
public struct AgeX25519Identity: AgeIdentity {
    private let key: Curve25519.KeyAgreement.PrivateKey

    /// A new key.
    public init() { key = Curve25519.KeyAgreement.PrivateKey() }

    /// - Throws: `AgeError.key`; never repeats the text.
    public init(_ text: String) throws(AgeError) {
        guard let decoded = Bech32.decode(text) else { throw .key("not an age identity: wrong checksum") }
        guard decoded.prefix == "age-secret-key-", text == text.uppercased(), decoded.bytes.count == 32,
            let key = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: decoded.bytes)
        else { throw .key("not an age identity: it must begin with AGE-SECRET-KEY-1") }
        self.key = key
    }

    public var recipient: AgeX25519Recipient { AgeX25519Recipient(key.publicKey) }
    public var name: String { recipient.name }

    /// The text that goes into a key file.
    public func revealText<T>(_ body: (String) throws -> T) rethrows -> T {
        var bytes = Array(key.rawRepresentation)
        defer { bytes.wipe() }
        return try body(Bech32.encode(prefix: "age-secret-key-", bytes: bytes).uppercased())
    }

    public func unwrap(_ stanza: AgeStanza) throws -> SymmetricKey? {
        guard stanza.type == AgeX25519.stanzaType else { return nil }
        guard stanza.arguments.count == 2,
            let share = Base64Codec.decode(Array(stanza.arguments[1].utf8), padded: false), share.count == 32
        else { throw AgeError.header("an X25519 recipient is malformed") }
        let wrapKey = AgeX25519.wrapKey(
            shared: try AgeX25519.sharedSecret(key, share), share: share, recipient: key.publicKey.rawRepresentation)
        return try AgeKeyWrap.unwrap(stanza.body, under: wrapKey)
    }
}
