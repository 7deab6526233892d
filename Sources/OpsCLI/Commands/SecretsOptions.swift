import ArgumentParser
import Foundation
import OpsCore
import OpsProject
import OpsSecrets

/// What opens encrypted files, for the commands that work on files and not on an environment.
struct SecretsOptions: ParsableArguments {
    @Option(help: ArgumentHelp("age identity or SSH key that opens the files.", valueName: "path"))
    var identity: [String] = []

    @Option(help: ArgumentHelp("File or script that gives the Ansible Vault password.", valueName: "path"))
    var vaultPasswordFile: [String] = []

    @Option(help: ArgumentHelp("Ansible Vault password by id: ID@FILE or ID@prompt.", valueName: "id"))
    var vaultId: [String] = []

    /// Identities of the command line, of `opsctl.yml` and of the usual places, and vault passwords.
    func keyring() throws -> SecretKeyring {
        let console = Console.shared
        return try SecretKeyring.load(
            environment: console.environment, home: console.home, files: identity.map(\.expandingTilde) + projectIdentities,
            passwords: passwords(), prompt: { try Prompt.secret("Passphrase for \($0):") })
    }

    /// The first password named here or in the environment.
    /// - Throws: `Diagnostic` if there is none
    func vaultPassword(for file: String, in keyring: SecretKeyring) throws -> VaultPassword {
        if let password = keyring.passwords.first { return password }
        throw Diagnostic(
            code: "secret-no-identity", "no vault password to encrypt with", at: SourceLocation(file: file),
            hints: ["name one with --vault-password-file, --vault-id ID@prompt or ANSIBLE_VAULT_PASSWORD_FILE"])
    }

    private func passwords() throws -> [VaultPassword] {
        let sources = VaultPasswordSource.all(
            vaultIDs: vaultId, passwordFiles: vaultPasswordFile, environment: Console.shared.environment)
        return try sources.reduce(into: []) { passwords, source in
            passwords.append(try source.load(others: passwords) { try Prompt.secret("Password for \($0):") })
        }
    }

    /// Those that `opsctl.yml` names for its environments, as far as this machine has them.
    private var projectIdentities: [String] {
        var ignored = DiagnosticCollector()
        let project = Project(root: Project.findRoot(from: FileManager.default.currentDirectoryPath), into: &ignored)
        let named = project.settings.environments.sorted { $0.key < $1.key }.flatMap(\.value.identities)
        return named.map { project.files.absolute($0.expandingTilde) }.filter { FileManager.default.fileExists(atPath: $0) }
    }
}

/// For whom files are encrypted.
struct RecipientOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Encrypt to this recipient: age1... or an SSH public key. Repeatable.", valueName: "recipient"))
    var age: [String] = []

    /// As named here, else as `.sops.yaml` says.
    func encryption(for path: String) throws -> SecretEncryption {
        try SecretEncryption.configured(for: path, recipients: age, config: SopsConfig.find(for: path))
    }

    /// For age files, which don't name their recipients; none if nobody says.
    func known(for path: String) throws -> [any AgeRecipient] {
        let names = try age.isEmpty ? SopsConfig.find(for: path)?.rule(for: path)?.recipients ?? [] : age
        do { return try AgeRecipients.parse(names) } catch { throw Diagnostic(code: "secret-recipient", error.description) }
    }
}
