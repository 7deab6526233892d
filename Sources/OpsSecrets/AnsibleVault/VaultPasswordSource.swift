import Foundation
import OpsCore

/// Where a vault password comes from, as Ansible's options name it.
public struct VaultPasswordSource: Hashable, Sendable {
    public enum Place: Hashable, Sendable {
        case prompt
        /// A file, or a program if it is executable.
        case file(String)
    }

    public var id: String
    public var place: Place

    /// Reads `--vault-id`: `ID@FILE`, `ID@prompt` or just `FILE`.
    public init(vaultID text: String) {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let source = parts.count == 2 ? parts[1] : text
        id = parts.count == 2 && !parts[0].isEmpty ? parts[0] : VaultPassword.defaultID
        place = ["prompt", "prompt_ask_vault_pass"].contains(source) ? .prompt : .file(source)
    }

    /// Reads `--vault-password-file`.
    public init(file: String) { (id, place) = (VaultPassword.defaultID, .file(file)) }

    /// Every source that options and environment name, options first.
    ///
    /// Environment: `ANSIBLE_VAULT_IDENTITY_LIST` (comma-separated) and `ANSIBLE_VAULT_PASSWORD_FILE`.
    public static func all(
        vaultIDs: [String], passwordFiles: [String], environment: [String: String]
    ) -> [VaultPasswordSource] {
        var sources = vaultIDs.map(Self.init(vaultID:)) + passwordFiles.map(Self.init(file:))
        let listed = (environment["ANSIBLE_VAULT_IDENTITY_LIST"] ?? "").split(separator: ",")
        sources += listed.map { Self(vaultID: $0.trimmingCharacters(in: .whitespaces)) }
        if let file = environment["ANSIBLE_VAULT_PASSWORD_FILE"], !file.isEmpty { sources.append(Self(file: file)) }
        return sources
    }

    /// Gets the password.
    /// - Parameter others: passwords that may open a password file which is itself a vault
    /// - Throws: `Diagnostic`
    public func load(others: [VaultPassword] = [], prompt: PassphrasePrompt) throws -> VaultPassword {
        let password: Secret
        switch place {
        case .prompt:
            guard let answer = try prompt("the vault id '\(id)'") else {
                throw failure("the vault password '\(id)' is asked for, and there is no terminal to ask")
            }
            password = Self.stripped(answer.reveal { $0 })
        case .file(let path): password = try Self.read(path, id: id, others: others)
        }
        guard !password.isEmpty else { throw failure("the vault password '\(id)' is empty") }
        return VaultPassword(id: id, password)
    }

    private static func read(_ path: String, id: String, others: [VaultPassword]) throws -> Secret {
        let path = (path as NSString).expandingTildeInPath
        var isDirectory: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
        if exists, !isDirectory.boolValue, FileManager.default.isExecutableFile(atPath: path) {
            return try runScript(path, id: id)
        }
        var bytes = try SecretFile.read(path)
        defer { bytes.wipe() }
        if VaultEnvelope.isVault(bytes) {
            bytes = try SecretFile.decryptWhole(bytes, file: path, keyring: SecretKeyring(passwords: others))
        }
        return stripped(String(decoding: bytes, as: UTF8.self))
    }

    private static func stripped(_ text: String) -> Secret {
        Secret(text.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// A program whose output is the password. One named `...-client` is told the id and may not know it.
    private static func runScript(_ path: String, id: String) throws -> Secret {
        let name = ((path as NSString).lastPathComponent as NSString).deletingPathExtension
        let isClient = name.hasSuffix("-client")
        var (output, status) = try SecretProgram.run(path, isClient ? ["--vault-id", id] : [])
        defer { output.wipe() }
        guard status == 0 else {
            let reason = isClient && status == 2 ? "it does not know the vault id '\(id)'" : "exit status \(status)"
            throw Diagnostic(
                code: "secret-program", "the vault password script failed: \(reason)", at: SourceLocation(file: path))
        }
        return Secret(String(decoding: output, as: UTF8.self).trimmingCharacters(in: ["\r", "\n"]))
    }

    private func failure(_ message: String) -> Diagnostic {
        Diagnostic(code: "secret-no-identity", message)
    }
}
