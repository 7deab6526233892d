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
        let password: SecretBytes
        switch place {
        case .prompt:
            guard let answer = try prompt("the vault id '\(id)'") else {
                throw failure("the vault password '\(id)' is asked for, and there is no terminal to ask")
            }
            password = answer.reveal { Self.stripped(Array($0.utf8)) }
        case .file(let path): password = try Self.read(path, id: id, others: others)
        }
        guard !password.isEmpty else { throw failure("the vault password '\(id)' is empty") }
        return VaultPassword(id: id, password)
    }

    private static func read(_ path: String, id: String, others: [VaultPassword]) throws -> SecretBytes {
        let path = (path as NSString).expandingTildeInPath
        var isDirectory: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
        if exists, !isDirectory.boolValue, FileManager.default.isExecutableFile(atPath: path) {
            return try runScript(path, id: id)
        }
        var bytes = try SecretFile.read(path)
        defer { bytes.wipe() }
        guard VaultEnvelope.isVault(bytes.drop(while: AgeArmor.isSpace)) else { return stripped(bytes) }
        let vault = Array(bytes.drop(while: AgeArmor.isSpace))
        var plain = try SecretFile.decryptWhole(vault, file: path, keyring: SecretKeyring(passwords: others))
        defer { plain.wipe() }
        return stripped(plain, of: isLineBreak)
    }

    /// Ansible takes off ASCII white space, and nothing that only Unicode calls a space.
    private static func stripped(_ bytes: [UInt8], of isSpace: (UInt8) -> Bool = AgeArmor.isSpace) -> SecretBytes {
        let rest = bytes.drop(while: isSpace)
        let end = rest.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? rest.startIndex
        return SecretBytes(Array(rest[..<end]))
    }

    private static func isLineBreak(_ byte: UInt8) -> Bool { byte == 10 || byte == 13 }

    /// A program whose output is the password. One named `...-client` is told the id and may not know it.
    private static func runScript(_ path: String, id: String) throws -> SecretBytes {
        let name = ((path as NSString).lastPathComponent as NSString).deletingPathExtension
        let isClient = name.hasSuffix("-client")
        var (output, status) = try SecretProgram.run(path, isClient ? ["--vault-id", id] : [])
        defer { output.wipe() }
        guard status == 0 else {
            let reason = isClient && status == 2 ? "it does not know the vault id '\(id)'" : "exit status \(status)"
            throw Diagnostic(
                code: "secret-program", "the vault password script failed: \(reason)", at: SourceLocation(file: path))
        }
        return stripped(output, of: isLineBreak)
    }

    private func failure(_ message: String) -> Diagnostic {
        Diagnostic(code: "secret-no-identity", message)
    }
}
