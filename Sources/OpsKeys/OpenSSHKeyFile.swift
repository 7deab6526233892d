import Crypto
import CryptoExtras
import Foundation
import OpsCore

/// The file format of OpenSSH's private keys (openssh-portable PROTOCOL.key).
public struct OpenSSHKeyFile: Sendable {
    /// The first line.
    public static let marker = "-----BEGIN OPENSSH PRIVATE KEY-----"
    private static let magic = Array("openssh-key-v1\0".utf8)

    public let publicKey: SSHPublicKey
    private let cipher: String
    private let kdf: String
    private let kdfOptions: [UInt8]
    private let body: [UInt8]

    public var isEncrypted: Bool { cipher != "none" }

    /// - Throws: `SSHKeyError`; keys other than Ed25519 and RSA are refused by name
    public init(_ text: String) throws(SSHKeyError) {
        let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
        let inside = lines.drop { $0 != Self.marker }.dropFirst().prefix { !$0.hasPrefix("-----END") }
        guard let bytes = Data(base64Encoded: inside.joined()).map({ Array($0) }), bytes.starts(with: Self.magic)
        else { throw .unusable("damaged SSH private key") }
        var reader = SSHWireReader(bytes.dropFirst(Self.magic.count))
        guard let cipher = reader.text(), let kdf = reader.text(), let options = reader.string(),
            reader.uint32() == 1, let publicBlob = reader.string(), let body = reader.string()
        else { throw .unusable("damaged SSH private key") }
        publicKey = try SSHPublicKey(blob: publicBlob)
        (self.cipher, self.kdf, kdfOptions, self.body) = (cipher, kdf, options, body)
    }

    /// - Parameter passphrase: not used by an unencrypted key
    /// - Throws: `SSHKeyError`
    public func unlock(_ passphrase: Secret?) throws(SSHKeyError) -> SSHPrivateKey {
        var plain = try decrypted(passphrase)
        defer { plain.wipe() }
        var reader = SSHWireReader(plain)
        guard let first = reader.uint32(), let second = reader.uint32(), first == second else {
            throw isEncrypted ? SSHKeyError.wrongPassphrase : SSHKeyError.unusable("damaged SSH private key")
        }
        let key = try Self.privateKey(&reader)
        guard key.publicKey == publicKey else { throw SSHKeyError.unusable("damaged SSH private key") }
        return key
    }

    private func decrypted(_ passphrase: Secret?) throws(SSHKeyError) -> [UInt8] {
        guard isEncrypted else { return body }
        guard let passphrase else { throw SSHKeyError.wrongPassphrase }
        guard kdf == "bcrypt" else { throw SSHKeyError.unusable("SSH keys with '\(kdf)' passphrases are not supported") }
        var options = SSHWireReader(kdfOptions)
        guard let salt = options.string(), let rounds = options.uint32(), (1...10_000).contains(rounds) else {
            throw SSHKeyError.unusable("damaged SSH private key")
        }
        var material = BcryptPBKDF.deriveKey(
            passphrase: passphrase, salt: salt, rounds: Int(rounds), count: 48)
        defer { material.wipe() }
        let key = SymmetricKey(data: material.prefix(32))
        guard body.count.isMultiple(of: 16) else { throw SSHKeyError.unusable("damaged SSH private key") }
        let tail = material.suffix(16)
        let plain: Data? =
            switch cipher {
            case "aes256-ctr": try? AES._CTR.decrypt(body, using: key, nonce: .init(nonceBytes: tail))
            case "aes256-cbc": try? AES._CBC.decrypt(body, using: key, iv: .init(ivBytes: tail), noPadding: true)
            default: throw SSHKeyError.unusable("SSH keys encrypted with '\(cipher)' are not supported")
            }
        guard let plain else { throw .unusable("damaged SSH private key") }
        return Array(plain)
    }

    private static func privateKey(_ reader: inout SSHWireReader) throws(SSHKeyError) -> SSHPrivateKey {
        switch reader.text() {
        case "ssh-ed25519":
            guard reader.string()?.count == 32, let secret = reader.string(), secret.count == 64 else { break }
            return try SSHPrivateKey(ed25519: Array(secret.prefix(32)))
        case "ssh-rsa":
            guard let n = reader.positiveInteger(), let e = reader.positiveInteger(),
                let d = reader.positiveInteger(), reader.positiveInteger() != nil,
                let p = reader.positiveInteger(), let q = reader.positiveInteger(),
                let key = try? _RSA.Signing.PrivateKey(n: n, e: e, d: d, p: p, q: q)
            else { break }
            return try SSHPrivateKey(rsa: key)
        default: break
        }
        throw SSHKeyError.unusable("damaged SSH private key")
    }
}
