import Crypto
import CryptoExtras
import Foundation
import OpsCore

/// An SSH private key: Ed25519 or RSA.
public struct SSHPrivateKey: Sendable {
    public enum Material: Sendable {
        /// The 32-byte seed.
        case ed25519(SymmetricKey)
        case rsa(_RSA.Signing.PrivateKey)
    }

    public let material: Material
    public let publicKey: SSHPublicKey

    init(ed25519 seed: some ContiguousBytes) throws(SSHKeyError) {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: Data(seed.withUnsafeBytes { Data($0) }))
        else { throw .unusable("damaged SSH private key") }
        material = .ed25519(SymmetricKey(data: key.rawRepresentation))
        publicKey = SSHPublicKey(ed25519: Array(key.publicKey.rawRepresentation))
    }

    init(rsa key: _RSA.Signing.PrivateKey) throws(SSHKeyError) {
        guard let primitives = try? key.publicKey.getKeyPrimitives() else { throw .unusable("damaged SSH private key") }
        material = .rsa(key)
        publicKey = try SSHPublicKey(
            modulus: Array(primitives.modulus), exponent: Array(primitives.publicExponent))
    }

    /// Reads unencrypted PEM forms: PKCS#1 (`RSA PRIVATE KEY`) and PKCS#8 (`PRIVATE KEY`).
    /// - Throws: `SSHKeyError`
    public init(pem text: String) throws(SSHKeyError) {
        if text.contains("ENCRYPTED") {
            throw .unusable("encrypted PEM keys are not supported; convert it with: ssh-keygen -p -f FILE")
        }
        if let key = try? _RSA.Signing.PrivateKey(pemRepresentation: text) {
            try self.init(rsa: key)
        } else if let key = try? Curve25519.Signing.PrivateKey(pemRepresentation: text) {
            try self.init(ed25519: key.rawRepresentation)
        } else {
            throw .unusable("not an Ed25519 or RSA private key")
        }
    }
}
