import Crypto
import CryptoExtras
import Foundation
import OpsCore

/// age's passphrases: scrypt with r = 8, p = 1.
enum AgeScrypt {
    static let stanzaType = "scrypt"
    static let label = "age-encryption.org/v1/scrypt"
    /// log2 of N that is written: about a second and 256 MiB.
    static let writtenWorkFactor = 18
    /// Largest log2 of N that is read: 4 GiB; a hostile file could ask for any amount.
    static let maximumWorkFactor = 22

    static func wrapKey(passphrase: Secret, salt: some DataProtocol, workFactor: Int) throws -> SymmetricKey {
        try passphrase.reveal { text in
            var bytes = Array(text.utf8)
            defer { bytes.wipe() }
            let rounds = 1 << workFactor
            return try KDF.Scrypt.deriveKey(
                from: bytes, salt: Data(label.utf8) + Data(salt), outputByteCount: 32,
                rounds: rounds, blockSize: 8, parallelism: 1, maxMemory: rounds * 1024 + (1 << 20))
        }
    }
}

/// A passphrase that a file is encrypted to; it must be the only recipient.
public struct AgeScryptRecipient: AgeRecipient {
    private let passphrase: Secret
    private let workFactor: Int

    /// - Parameter workFactor: log2 of scrypt's N, 1 to 22.
    public init(passphrase: Secret, workFactor: Int = 18) {
        self.passphrase = passphrase
        self.workFactor = min(max(workFactor, 1), AgeScrypt.maximumWorkFactor)
    }

    public var name: String { "a passphrase" }

    public func wrap(_ fileKey: SymmetricKey) throws -> AgeStanza {
        let salt = SymmetricKey(size: .bits128).withUnsafeBytes { Array($0) }
        let key = try AgeScrypt.wrapKey(passphrase: passphrase, salt: salt, workFactor: workFactor)
        return AgeStanza(
            arguments: [AgeScrypt.stanzaType, Base64Codec.encode(salt, padded: false), String(workFactor)],
            body: try AgeKeyWrap.wrap(fileKey, under: key))
    }
}

/// A passphrase that opens files.
public struct AgeScryptIdentity: AgeIdentity {
    private let passphrase: Secret
    private let maximumWorkFactor: Int

    public init(passphrase: Secret, maximumWorkFactor: Int = 22) {
        self.passphrase = passphrase
        self.maximumWorkFactor = maximumWorkFactor
    }

    public var name: String { "a passphrase" }

    public func unwrap(_ stanza: AgeStanza) throws -> SymmetricKey? {
        guard stanza.type == AgeScrypt.stanzaType else { return nil }
        guard stanza.arguments.count == 3,
            let salt = Base64Codec.decode(Array(stanza.arguments[1].utf8), padded: false), salt.count == 16,
            let workFactor = Self.workFactor(stanza.arguments[2])
        else { throw AgeError.header("a passphrase recipient is malformed") }
        guard workFactor <= maximumWorkFactor else {
            throw AgeError.header("its passphrase asks for too much work (2^\(workFactor))")
        }
        guard stanza.body.count == AgeKeyWrap.fileKeySize + AgeStream.tagSize else {
            throw AgeError.header("a wrapped file key has the wrong length")
        }
        let key = try AgeScrypt.wrapKey(passphrase: passphrase, salt: salt, workFactor: workFactor)
        return try AgeKeyWrap.unwrap(stanza.body, under: key)
    }

    /// Decimal digits, no sign, no leading zero.
    private static func workFactor(_ text: String) -> Int? {
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), !text.hasPrefix("0"), text.utf8.count <= 4 else {
            return nil
        }
        return Int(text)
    }
}

/// Opens a file with the passphrase that a person is asked for, if the file wants one.
struct AgePassphraseQuestion: AgeIdentity {
    let file: String
    let prompt: PassphrasePrompt

    var name: String { "a passphrase" }

    func unwrap(_ stanza: AgeStanza) throws -> SymmetricKey? {
        guard stanza.type == AgeScrypt.stanzaType else { return nil }
        guard let passphrase = try prompt(file) else {
            throw AgeError.key("its passphrase is needed, and there is no terminal to ask for it")
        }
        return try AgeScryptIdentity(passphrase: passphrase).unwrap(stanza)
    }
}
