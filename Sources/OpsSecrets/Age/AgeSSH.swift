import Crypto
import CryptoExtras
import Foundation
import OpsKeys

/// What age's two kinds of SSH recipients share (C2SP age.md, agessh).
enum AgeSSH {
    static let ed25519Stanza = "ssh-ed25519"
    static let rsaStanza = "ssh-rsa"
    static let ed25519Label = "age-encryption.org/v1/ssh-ed25519"
    static let rsaLabel = "age-encryption.org/v1/ssh-rsa"

    /// First four bytes of the SHA-256 of the key: says which key a stanza is for.
    static func tag(_ key: SSHPublicKey) -> String {
        Base64Codec.encode(Array(SHA256.hash(data: key.blob))[..<4], padded: false)
    }

    static func isFor(_ key: SSHPublicKey, _ stanza: AgeStanza) -> Bool {
        stanza.type == key.type && stanza.arguments.count > 1 && stanza.arguments[1] == tag(key)
    }
}

/// A file encrypted to an SSH public key.
public struct AgeSSHRecipient: AgeRecipient {
    public let key: SSHPublicKey

    public init(_ key: SSHPublicKey) { self.key = key }

    public var name: String { key.line }

    public func wrap(_ fileKey: SymmetricKey) throws -> AgeStanza {
        switch key.material {
        case .ed25519(let point): try wrapEd25519(fileKey, point: point)
        case .rsa(let modulus, let exponent):
            AgeStanza(
                arguments: [AgeSSH.rsaStanza, AgeSSH.tag(key)],
                body: try RSAOAEP(label: AgeSSH.rsaLabel).encrypt(
                    fileKey.withUnsafeBytes { Array($0) }, modulus: modulus, exponent: exponent))
        }
    }

    private func wrapEd25519(_ fileKey: SymmetricKey, point: [UInt8]) throws -> AgeStanza {
        let recipient = try AgeEd25519.montgomery(point)
        let ephemeral = Curve25519.KeyAgreement.PrivateKey()
        let share = Array(ephemeral.publicKey.rawRepresentation)
        let wrapKey = try AgeEd25519.wrapKey(
            scalar: ephemeral, point: recipient, share: share, recipient: recipient, sshKey: key.blob)
        return AgeStanza(
            arguments: [AgeSSH.ed25519Stanza, AgeSSH.tag(key), Base64Codec.encode(share, padded: false)],
            body: try AgeKeyWrap.wrap(fileKey, under: wrapKey))
    }
}

/// An SSH private key that opens files.
public struct AgeSSHIdentity: AgeIdentity {
    let key: SSHPrivateKey

    public init(_ key: SSHPrivateKey) { self.key = key }

    public var name: String { key.publicKey.line }
    public var recipient: AgeSSHRecipient { AgeSSHRecipient(key.publicKey) }

    public func unwrap(_ stanza: AgeStanza) throws -> SymmetricKey? {
        guard AgeSSH.isFor(key.publicKey, stanza) else { return nil }
        switch key.material {
        case .ed25519(let seed): return try unwrapEd25519(stanza, seed: seed)
        case .rsa(let rsaKey):
            guard stanza.arguments.count == 2 else { throw AgeError.header("an ssh-rsa recipient is malformed") }
            let raw = try RSAOAEP.PrivateKey(derRepresentation: rsaKey.derRepresentation)
            guard let plain = RSAOAEP(label: AgeSSH.rsaLabel).decrypt(stanza.body, key: raw), plain.count == AgeKeyWrap.fileKeySize
            else { throw AgeError.header("an ssh-rsa recipient is damaged") }
            return SymmetricKey(data: plain)
        }
    }

    private func unwrapEd25519(_ stanza: AgeStanza, seed: SymmetricKey) throws -> SymmetricKey? {
        guard stanza.arguments.count == 3,
            let share = Base64Codec.decode(Array(stanza.arguments[2].utf8), padded: false), share.count == 32
        else { throw AgeError.header("an ssh-ed25519 recipient is malformed") }
        let scalar = try AgeEd25519.scalar(seed: seed)
        let wrapKey = try AgeEd25519.wrapKey(
            scalar: scalar, point: share, share: share, recipient: Array(scalar.publicKey.rawRepresentation),
            sshKey: key.publicKey.blob)
        guard let fileKey = try AgeKeyWrap.unwrap(stanza.body, under: wrapKey) else {
            throw AgeError.header("an ssh-ed25519 recipient is damaged")
        }
        return fileKey
    }
}

/// Ed25519 keys used for X25519.
enum AgeEd25519 {
    /// The Curve25519 key for an Ed25519 seed: the first half of its SHA-512.
    static func scalar(seed: SymmetricKey) throws -> Curve25519.KeyAgreement.PrivateKey {
        let digest = seed.withUnsafeBytes { SHA512.hash(data: $0) }
        return try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: Array(digest)[..<32])
    }

    /// u = (1 + y) / (1 - y) mod 2^255 - 19, little-endian.
    static func montgomery(_ point: [UInt8]) throws(AgeError) -> [UInt8] {
        let prime: [UInt8] = [0x7F] + [UInt8](repeating: 0xFF, count: 30) + [0xED]
        let exponent: [UInt8] = [0x7F] + [UInt8](repeating: 0xFF, count: 30) + [0xEB]
        var y = Array(point.reversed())
        y[0] &= 0x7F
        guard let field = OddModulus(bigEndian: prime), y.lexicographicallyPrecedes(prime) else {
            throw .key("damaged SSH public key")
        }
        let one = [UInt8](repeating: 0, count: 31) + [1]
        let numerator = field.product(add(y, one), one)
        let denominator = field.product(add(subtract(prime, y), one), one)
        return field.product(numerator, field.power(denominator, exponent)).reversed()
    }

    /// The key that wraps the file key. `tweak` binds it to the SSH key.
    static func wrapKey(
        scalar: Curve25519.KeyAgreement.PrivateKey, point: [UInt8], share: [UInt8], recipient: [UInt8],
        sshKey: [UInt8]
    ) throws -> SymmetricKey {
        let label = Data(AgeSSH.ed25519Label.utf8)
        let tweak = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: [UInt8]()), salt: sshKey, info: label, outputByteCount: 32)
        let shared = try AgeX25519.sharedSecret(scalar, point)
        let tweakScalar = try tweak.withUnsafeBytes { try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: $0) }
        let tweaked = try AgeX25519.sharedSecret(tweakScalar, shared)
        return tweaked.hkdfDerivedSymmetricKey(
            using: SHA256.self, salt: share + recipient, sharedInfo: label, outputByteCount: 32)
    }

    private static func add(_ a: [UInt8], _ b: [UInt8]) -> [UInt8] {
        var carry = 0
        return zip(a, b).reversed().map { first, second in
            carry += Int(first) + Int(second)
            defer { carry >>= 8 }
            return UInt8(carry & 0xFF)
        }.reversed()
    }

    private static func subtract(_ a: [UInt8], _ b: [UInt8]) -> [UInt8] {
        var borrow = 0
        return zip(a, b).reversed().map { first, second in
            borrow += Int(first) - Int(second)
            defer { borrow >>= 8 }
            return UInt8(borrow & 0xFF)
        }.reversed()
    }
}
