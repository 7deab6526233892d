import Foundation
import OpsCore

extension SecretKeyring {
    /// Finds the identities that `sops` would find.
    ///
    /// In this order: `files`, `SOPS_AGE_SSH_PRIVATE_KEY_FILE`, what `SOPS_AGE_SSH_PRIVATE_KEY_CMD` prints,
    /// `~/.ssh/id_ed25519` and `~/.ssh/id_rsa` unless an SSH key was named, `SOPS_AGE_KEY`, `SOPS_AGE_KEY_FILE`, what
    /// `SOPS_AGE_KEY_CMD` prints, and the default file (`defaultKeyFile`). Files that a user names must exist and be
    /// readable; default ones may be missing, and an SSH key of another type is passed over.
    /// - Parameters:
    ///   - files: more identity files (`--identity`)
    ///   - prompt: asked for the passphrase of an encrypted key, when a file first needs that key
    /// - Throws: `DiagnosticError` with every identity that can't be read
    public static func load(
        environment: [String: String], home: String, files: [String] = [],
        passwords: [VaultPassword] = [], prompt: @escaping PassphrasePrompt = { _ in nil }
    ) throws -> SecretKeyring {
        var keyring = SecretKeyring(passwords: passwords, prompt: prompt)
        var findings = DiagnosticCollector()
        func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        func addFile(_ path: String?) throws {
            if let path { try findings.collect { try keyring.add(file: path) } }
        }
        func addOutput(of name: String) throws {
            if let command = variable(name) { try findings.collect { try keyring.add(command: command, named: name) } }
        }
        for path in files { try addFile(path) }
        let sshKey = variable("SOPS_AGE_SSH_PRIVATE_KEY_FILE")
        try addFile(sshKey)
        try addOutput(of: "SOPS_AGE_SSH_PRIVATE_KEY_CMD")
        let namesSSHKey = sshKey != nil || variable("SOPS_AGE_SSH_PRIVATE_KEY_CMD") != nil
        for name in namesSSHKey ? [] : ["id_ed25519", "id_rsa"] { _ = try? keyring.addIfPresent("\(home)/.ssh/\(name)") }
        if let text = variable("SOPS_AGE_KEY") {
            try findings.collect { try keyring.add(text: text, origin: "SOPS_AGE_KEY") }
        }
        try addFile(variable("SOPS_AGE_KEY_FILE"))
        try addOutput(of: "SOPS_AGE_KEY_CMD")
        let keyFile = defaultKeyFile(environment: environment, home: home)
        try findings.collect { try keyring.addIfPresent(keyFile) }
        try findings.throwIfErrors()
        return keyring
    }

    /// Where `sops` and `opsctl secrets keygen` keep age identities.
    public static func defaultKeyFile(environment: [String: String], home: String) -> String {
        if let base = environment["XDG_CONFIG_HOME"], !base.isEmpty { return base + "/sops/age/keys.txt" }
        #if os(macOS)
            return home + "/Library/Application Support/sops/age/keys.txt"
        #else
            return home + "/.config/sops/age/keys.txt"
        #endif
    }

    /// - Throws: `Diagnostic` for a file that is there and can't be read
    private mutating func addIfPresent(_ path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else { return searched.append("\(path) (missing)") }
        try add(file: path)
    }

    /// - Throws: `Diagnostic`
    private mutating func add(file path: String) throws {
        let bytes = try SecretFile.read(path)
        if SecretFile.detect(bytes) == .age {
            return identities.append(EncryptedIdentityFile(path: path, bytes: bytes, prompt: prompt))
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Diagnostic(code: "secret-identity", "not an identity file", at: SourceLocation(file: path))
        }
        try add(text: text, origin: path)
    }

    /// - Throws: `Diagnostic`
    mutating func add(text: String, origin: String) throws {
        identities += try IdentityFile.parse(text, origin: origin, prompt: prompt)
        searched.append(origin)
    }

    /// - Throws: `Diagnostic`
    private mutating func add(command: String, named variable: String) throws {
        var (output, status) = try SecretProgram.run("/bin/sh", ["-c", command])
        defer { output.wipe() }
        guard status == 0 else {
            throw Diagnostic(
                code: "secret-program", "the command in \(variable) failed: exit status \(status)",
                at: SourceLocation(file: variable))
        }
        try add(text: String(decoding: output, as: UTF8.self), origin: variable)
    }
}
