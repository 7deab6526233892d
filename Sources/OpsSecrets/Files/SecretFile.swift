import Foundation
import OpsCore

/// Files that hold secrets, whatever their format.
public enum SecretFile {
    /// How a file is encrypted, found out from its content.
    public enum Format: String, Sendable, CaseIterable {
        /// age, binary or armored.
        case age
        case sopsYAML, sopsJSON, sopsDotenv, sopsINI
        case ansibleVault
        /// Not encrypted.
        case plain

        /// The words for messages.
        public var title: String {
            switch self {
            case .age: "age"
            case .sopsYAML: "SOPS (YAML)"
            case .sopsJSON: "SOPS (JSON)"
            case .sopsDotenv: "SOPS (dotenv)"
            case .sopsINI: "SOPS (INI)"
            case .ansibleVault: "Ansible Vault"
            case .plain: "plain text"
            }
        }
    }

    /// Largest file read, in bytes.
    static let maximumSize = 16 << 20

    /// Never throws; what is not recognised is `plain`.
    public static func detect(_ bytes: some Collection<UInt8>) -> Format {
        if bytes.starts(with: AgeHeader.intro.utf8.dropLast(3)) || AgeArmor.isArmored(bytes) { return .age }
        if VaultEnvelope.isVault(bytes) { return .ansibleVault }
        return SopsDetection.format(Array(bytes)) ?? .plain
    }

    /// Reads a file and decrypts it to values whose texts and numbers are all `.secret`.
    ///
    /// Under a SOPS key that is deliberately plain (`_unencrypted`), values stay plain.
    /// - Parameter name: what messages call the file, if not by its path
    /// - Throws: `Diagnostic` or `DiagnosticError`, located and without content
    public static func load(_ path: String, named name: String? = nil, keyring: SecretKeyring) throws -> Value {
        try value(of: read(path, named: name), file: name ?? path, keyring: keyring)
    }

    /// As `load`, for bytes already read. `file` is the name for messages.
    public static func value(of bytes: [UInt8], file: String, keyring: SecretKeyring) throws -> Value {
        switch detect(bytes) {
        case .plain: throw plain(file, bytes)
        case .age, .ansibleVault:
            var text = try decryptWhole(bytes, file: file, keyring: keyring)
            defer { text.wipe() }
            return try PlainYAML.value(of: text, file: file)
        case .sopsYAML, .sopsJSON, .sopsDotenv, .sopsINI:
            return try SopsFile(bytes, file: file, keyring: keyring).value
        }
    }

    /// The plaintext of a file that is encrypted as a whole (age, Ansible Vault).
    static func decryptWhole(_ bytes: [UInt8], file: String, keyring: SecretKeyring) throws -> [UInt8] {
        do {
            if VaultEnvelope.isVault(bytes) { return try keyring.vault.decrypt(bytes) }
            return try Age.decrypt(bytes, with: keyring.identities(for: file))
        } catch let error as AgeError {
            throw SecretDiagnostic.age(error, file: file, recipients: Age.recipientNames(bytes), keyring: keyring)
        } catch let error as VaultError {
            throw SecretDiagnostic.vault(error, at: SourceLocation(file: file))
        }
    }

    /// - Throws: `Diagnostic` if the file is missing, unreadable or larger than 16 MiB
    static func read(_ path: String, named name: String? = nil) throws(Diagnostic) -> [UInt8] {
        let location = SourceLocation(file: name ?? path)
        guard let handle = FileHandle(forReadingAtPath: path) else {
            let exists = FileManager.default.fileExists(atPath: path)
            throw Diagnostic(code: "file-unreadable", exists ? "cannot read the file" : "no such file", at: location)
        }
        defer { try? handle.close() }
        let data: Data
        // Nil is the end of an empty file.
        do { data = try handle.read(upToCount: maximumSize + 1) ?? Data() } catch {
            throw Diagnostic(code: "file-unreadable", "cannot read the file", at: location)
        }
        guard data.count <= maximumSize else {
            throw Diagnostic(code: "file-too-large", "larger than 16 MiB", at: location)
        }
        return Array(data)
    }

    /// - Parameter bytes: encrypted values in them mean that the end of a SOPS file is lost
    static func plain(_ file: String, _ bytes: [UInt8] = []) -> Diagnostic {
        if bytes.prefix(64 << 10).firstRange(of: Array("ENC[AES256_GCM,data:".utf8)) != nil {
            return Diagnostic(
                code: "secret-damaged", "the file has encrypted values, but the part that opens them is lost",
                at: SourceLocation(file: file), hints: ["restore the file from version control or a backup"])
        }
        return Diagnostic(
            code: "secret-plain", "the file is not encrypted", at: SourceLocation(file: file),
            hints: ["encrypt it with: opsctl secrets encrypt \(file)"])
    }
}
