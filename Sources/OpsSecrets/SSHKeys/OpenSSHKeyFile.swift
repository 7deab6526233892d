import Crypto
import CryptoExtras
import Foundation
import OpsCore

/// The file format of OpenSSH's private keys (openssh-portable PROTOCOL.key).
struct OpenSSHKeyFile: Sendable {
    static let marker = "-----BEGIN OPENSSH PRIVATE KEY-----"
    private static let magic = Array("openssh-key-v1\0".utf8)

    let publicKey: SSHPublicKey
    private let cipher: String
    private let kdf: String
    private let kdfOptions: [UInt8]
    private let body: [UInt8]

    var isEncrypted: Bool { cipher != "none" }

    /// - Throws: `AgeError.key`; a key of a type that age can't use is refused by name
    init(_ text: String) throws(AgeError) {
        let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
        let inside = lines.drop { $0 != Self.marker }.dropFirst().prefix { !$0.hasPrefix("-----END") }
        guard let bytes = Base64Codec.decode(Array(inside.joined().utf8), padded: true),
            bytes.starts(with: Self.magic)
        else { throw .key("damaged SSH private key") }
        var reader = SSHWireReader(bytes.dropFirst(Self.magic.count))
        guard let cipher = reader.text(), let kdf = reader.text(), let options = reader.string(),
            reader.uint32() == 1, let publicBlob = reader.string(), let body = reader.string()
        else { throw .key("damaged SSH private key") }
        publicKey = try SSHPublicKey(blob: publicBlob)
        (self.cipher, self.kdf, kdfOptions, self.body) = (cipher, kdf, options, body)
    }

    /// - Parameter passphrase: not used by an unencrypted key
    /// - Throws: `AgeError.wrongPassphrase` or `.key`
    func unlock(_ passphrase: Secret?) throws -> SSHPrivateKey {
        var plain = try decrypted(passphrase)
        defer { plain.wipe() }
        var reader = SSHWireReader(plain)
        guard let first = reader.uint32(), let second = reader.uint32(), first == second else {
            throw isEncrypted ? AgeError.wrongPassphrase : AgeError.key("damaged SSH private key")
        }
        let key = try Self.privateKey(&reader)
        guard key.publicKey == publicKey else { throw AgeError.key("damaged SSH private key") }
        return key
    }

    private func decrypted(_ passphrase: Secret?) throws -> [UInt8] {
        guard isEncrypted else { return body }
        guard let passphrase else { throw AgeError.wrongPassphrase }
        guard kdf == "bcrypt" else { throw AgeError.key("SSH keys with '\(kdf)' passphrases are not supported") }
        var options = SSHWireReader(kdfOptions)
        guard let salt = options.string(), let rounds = options.uint32(), (1...10_000).contains(rounds) else {
            throw AgeError.key("damaged SSH private key")
        }
        var material = BcryptPBKDF.deriveKey(
            passphrase: passphrase, salt: salt, rounds: Int(rounds), count: 48)
        defer { material.wipe() }
        let key = SymmetricKey(data: material.prefix(32))
        guard body.count.isMultiple(of: 16) else { throw AgeError.key("damaged SSH private key") }
        switch cipher {
        case "aes256-ctr":
            return Array(try AES._CTR.decrypt(body, using: key, nonce: .init(nonceBytes: material.suffix(16))))
        case "aes256-cbc":
            return Array(
                try AES._CBC.decrypt(
                    body, using: key, iv: .init(ivBytes: material.suffix(16)), noPadding: true))
        default:
            throw AgeError.key("SSH keys encrypted with '\(cipher)' are not supported")
        }
    }

    private static func privateKey(_ reader: inout SSHWireReader) throws -> SSHPrivateKey {
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
        throw AgeError.key("damaged SSH private key")
    }
}

/// Asks for a passphrase; nil when nobody can be asked or the question was refused.
///
/// `subject` is what it is for, to be put into the question: `the SSH key ~/.ssh/id_ed25519`.
public typealias PassphrasePrompt = @Sendable (_ subject: String) throws -> Secret?

/// An encrypted SSH key, unlocked the first time a file needs it.
struct LockedSSHIdentity: AgeIdentity {
    let file: OpenSSHKeyFile
    /// For the question.
    let path: String
    let prompt: PassphrasePrompt
    let unlocked = Once<SSHPrivateKey>()

    var name: String { file.publicKey.line }

    func unwrap(_ stanza: AgeStanza) throws -> SymmetricKey? {
        guard AgeSSH.isFor(file.publicKey, stanza) else { return nil }
        let key = try unlocked.value {
            guard let passphrase = try prompt("the SSH key \(path)") else {
                throw AgeError.key("the SSH key \(path) needs its passphrase, and there is no terminal to ask for it")
            }
            return try file.unlock(passphrase)
        }
        return try AgeSSHIdentity(key).unwrap(stanza)
    }
}
