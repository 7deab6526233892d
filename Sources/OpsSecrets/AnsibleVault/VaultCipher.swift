import Crypto
import CryptoExtras
import Foundation
import OpsCore
import Synchronization

/// The cipher of Ansible Vault: AES-256-CTR under PBKDF2, HMAC-SHA256 over the ciphertext.
struct VaultCipher: Sendable {
    private static let rounds = 10_000
    private static let block = 16

    private let cipherKey: SymmetricKey
    private let macKey: SymmetricKey
    private let counter: [UInt8]

    init(password: SecretBytes, salt: [UInt8]) throws {
        let material = try password.reveal { bytes in
            try KDF.Insecure.PBKDF2.deriveKey(
                from: bytes, salt: salt, using: .sha256, outputByteCount: 80, unsafeUncheckedRounds: Self.rounds)
        }
        (cipherKey, macKey, counter) = material.withUnsafeBytes { bytes in
            (SymmetricKey(data: bytes[0..<32]), SymmetricKey(data: bytes[32..<64]), Array(bytes[64..<80]))
        }
    }

    func seal(_ plaintext: [UInt8], id: String?, salt: [UInt8]) throws -> VaultEnvelope {
        let padding = Self.block - plaintext.count % Self.block
        var padded = plaintext + [UInt8](repeating: UInt8(padding), count: padding)
        defer { padded.wipe() }
        let ciphertext = Array(try AES._CTR.encrypt(padded, using: cipherKey, nonce: .init(nonceBytes: counter)))
        let mac = Array(HMAC<SHA256>.authenticationCode(for: ciphertext, using: macKey))
        return VaultEnvelope(id: id, salt: salt, mac: mac, ciphertext: ciphertext)
    }

    /// Nil if the checksum doesn't match: another password, or a changed vault.
    func open(_ envelope: VaultEnvelope) throws -> [UInt8]? {
        guard
            HMAC<SHA256>.isValidAuthenticationCode(
                envelope.mac, authenticating: envelope.ciphertext, using: macKey)
        else { return nil }
        var padded = Array(
            try AES._CTR.decrypt(envelope.ciphertext, using: cipherKey, nonce: .init(nonceBytes: counter)))
        defer { padded.wipe() }
        guard let padding = padded.last, (1...UInt8(Self.block)).contains(padding),
            padded.suffix(Int(padding)).allSatisfy({ $0 == padding })
        else { throw VaultError.malformed("its padding is wrong") }
        return Array(padded.dropLast(Int(padding)))
    }
}

/// Derived vault keys of one run. Deriving one takes milliseconds, so each (password, salt) is derived
/// once, however many values and hosts need it. Held in memory only.
public final class VaultKeyCache: Sendable {
    private struct Source: Hashable {
        var password: SecretBytes
        var salt: [UInt8]
    }

    private struct State {
        var ciphers: [Source: VaultCipher] = [:]
        var derivations = 0
    }

    private let state = Mutex(State())

    public init() {}

    /// How many keys were derived so far.
    public var derivations: Int { state.withLock { $0.derivations } }

    func cipher(password: SecretBytes, salt: [UInt8]) throws -> VaultCipher {
        try state.withLock { state in
            let source = Source(password: password, salt: salt)
            if let cipher = state.ciphers[source] { return cipher }
            let cipher = try VaultCipher(password: password, salt: salt)
            state.derivations += 1
            state.ciphers[source] = cipher
            return cipher
        }
    }
}
