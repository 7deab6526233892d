import OpsCore

/// `opsctl secrets migrate`: from one format to the other, values unchanged.
public enum SecretMigration {
    /// A vault file, an age file or YAML with inline `!vault` values as a SOPS file.
    ///
    /// In SOPS every value is encrypted, so plain values beside inline ones become encrypted, too.
    /// - Throws: `Diagnostic`, `AgeError`
    public static func toSops(
        _ bytes: [UInt8], file: String, keyring: SecretKeyring, encryption: SecretEncryption
    ) throws -> [UInt8] {
        switch SecretFile.detect(bytes) {
        case .ansibleVault, .age:
            var plaintext = try SecretFile.decryptWhole(bytes, file: file, keyring: keyring)
            defer { plaintext.wipe() }
            return try encryption.encrypt(plaintext, file: file)
        case .plain:
            guard var plaintext = try InlineVault.decrypting(bytes, file: file, keyring: keyring) else {
                throw SecretFile.plain(file)
            }
            defer { plaintext.wipe() }
            return try encryption.encrypt(plaintext, file: file)
        case .sopsYAML, .sopsJSON, .sopsDotenv, .sopsINI:
            throw Diagnostic(
                code: "secret-encrypted", "the file is already a SOPS file", at: SourceLocation(file: file))
        }
    }

    /// A SOPS or age file as an Ansible Vault file.
    /// - Throws: `Diagnostic`
    public static func toVault(
        _ bytes: [UInt8], file: String, keyring: SecretKeyring, password: VaultPassword
    ) throws -> [UInt8] {
        let document = try SecretDocument(bytes, file: file, keyring: keyring)
        guard document.format != .ansibleVault else {
            throw Diagnostic(code: "secret-encrypted", "the file is already a vault", at: SourceLocation(file: file))
        }
        return Array(try keyring.vault.encrypt(document.plaintext, with: password).utf8)
    }
}
