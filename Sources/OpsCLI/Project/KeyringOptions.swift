import Foundation
import OpsCore
import OpsProject
import OpsSecrets

/// What opens the secrets of an environment: identities and vault passwords from the command line, `opsctl.yml`
/// and the usual places.
struct KeyringOptions {
    var options: EnvironmentOptions
    var environment: Project.Environment
    var files: ProjectFiles

    func keyring() throws -> SecretKeyring {
        let console = Console.shared
        let named = options.identity.map(\.expandingTilde) + environment.settings.identities.map { files.absolute($0) }
        return try SecretKeyring.load(
            environment: console.environment, home: console.home, files: named, passwords: try passwords(console.environment),
            prompt: { try Prompt.secret("Passphrase for \($0):") })
    }

    /// Files, scripts and prompts; a password file may itself be a vault that an earlier password opens.
    private func passwords(_ environment: [String: String]) throws -> [VaultPassword] {
        let sources = VaultPasswordSource.all(
            vaultIDs: options.vaultId, passwordFiles: options.vaultPasswordFile, environment: environment)
        return try sources.reduce(into: []) { passwords, source in
            passwords.append(try source.load(others: passwords) { try Prompt.secret("Password for \($0):") })
        }
    }
}
