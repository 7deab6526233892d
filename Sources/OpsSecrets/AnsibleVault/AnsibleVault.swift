import Crypto
import OpsCore

/// Reads and writes Ansible Vault 1.1 and 1.2: whole files, and the text of inline `!vault` values.
public struct AnsibleVault: Sendable {
    public var passwords: [VaultPassword]
    private let cache: VaultKeyCache

    public init(passwords: [VaultPassword], cache: VaultKeyCache = VaultKeyCache()) {
        self.passwords = passwords
        self.cache = cache
    }

    /// Tries every password, those with the vault's own id first, as Ansible does.
    /// - Throws: `VaultError`
    public func decrypt(_ text: some Collection<UInt8>) throws -> [UInt8] { try open(text).plaintext }

    /// As `decrypt`, with the password that opened it, so that a changed file can be written with it again.
    func open(_ text: some Collection<UInt8>) throws -> (plaintext: [UInt8], password: VaultPassword) {
        let envelope = try VaultEnvelope(text)
        guard !passwords.isEmpty else { throw VaultError.noPassword }
        let matching = passwords.filter { $0.id == envelope.id }
        for password in matching + passwords.filter({ $0.id != envelope.id }) {
            let cipher = try cache.cipher(password: password.password, salt: envelope.salt)
            guard let plaintext = try cipher.open(envelope) else { continue }
            return (plaintext, VaultPassword(id: envelope.id ?? VaultPassword.defaultID, password.password))
        }
        throw VaultError.wrongPassword
    }

    /// The decrypted text of an inline value; never typed, always a string.
    /// - Throws: `VaultError`
    public func decryptInline(_ text: String) throws -> Secret {
        guard let plain = String(validating: try decrypt(Array(text.utf8)), as: UTF8.self) else {
            throw VaultError.malformed("it does not hold text")
        }
        return Secret(plain)
    }

    /// Writes format 1.1, or 1.2 if the password has an id other than `default`.
    /// - Throws: `VaultError.noPassword` for an empty password
    public func encrypt(_ plaintext: [UInt8], with password: VaultPassword) throws -> String {
        guard !password.password.isEmpty else { throw VaultError.noPassword }
        let salt = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
        let id = password.id == VaultPassword.defaultID ? nil : password.id
        return try cache.cipher(password: password.password, salt: salt)
            .seal(plaintext, id: id, salt: salt).text
    }
}
