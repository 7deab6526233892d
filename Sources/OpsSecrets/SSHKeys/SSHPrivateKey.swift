import Crypto
import CryptoExtras
import Foundation
import OpsCore

/// An SSH private key of a type that age can use.
public struct SSHPrivateKey: Sendable {
    enum Material: Sendable {
        /// The 32-byte seed.
        case ed25519(SymmetricKey)
        case rsa(RSAOAEP.PrivateKey)
    }

    let material: Material
    public let publicKey: SSHPublicKey

    init(ed25519 seed: some ContiguousBytes) throws(AgeError) {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: Data(seed.withUnsafeBytes { Data($0) }))
        else { throw .key("damaged SSH private key") }
        material = .ed25519(SymmetricKey(data: key.rawRepresentation))
        publicKey = SSHPublicKey(ed25519: Array(key.publicKey.rawRepresentation))
    }

    init(rsa key: _RSA.Signing.PrivateKey) throws(AgeError) {
        guard let primitives = try? key.publicKey.getKeyPrimitives(),
            let raw = try? RSAOAEP.PrivateKey(derRepresentation: key.derRepresentation)
        else { throw .key("damaged SSH private key") }
        material = .rsa(raw)
        publicKey = try SSHPublicKey(
            modulus: Array(primitives.modulus), exponent: Array(primitives.publicExponent))
    }

    /// Reads unencrypted PEM forms: PKCS#1 (`RSA PRIVATE KEY`) and PKCS#8 (`PRIVATE KEY`).
    /// - Throws: `AgeError.key`
    init(pem text: String) throws(AgeError) {
        if text.contains("ENCRYPTED") {
            throw .key("encrypted PEM keys are not supported; convert it with: ssh-keygen -p -f FILE")
        }
        if let key = try? _RSA.Signing.PrivateKey(pemRepresentation: text) {
            try self.init(rsa: key)
        } else if let key = try? Curve25519.Signing.PrivateKey(pemRepresentation: text) {
            try self.init(ed25519: key.rawRepresentation)
        } else {
            throw .key("not an Ed25519 or RSA private key")
        }
    }
}
