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
            environment: console.environment, home: NSHomeDirectory(), files: named, passwords: try passwords(console.environment),
            prompt: { Prompt.secret("Passphrase for \($0):") })
    }

    private func passwords(_ variables: [String: String]) throws -> [VaultPassword] {
        let paths = options.vaultPasswordFile + [variables["ANSIBLE_VAULT_PASSWORD_FILE"]].compactMap { $0 }.filter { !$0.isEmpty }
        return try paths.map { path in
            guard let data = FileManager.default.contents(atPath: path.expandingTilde), let text = String(data: data, encoding: .utf8) else {
                throw Diagnostic(code: "vault-password", "cannot read the vault password file '\(path)'")
            }
            let password = text.trimmingCharacters(in: .whitespacesAndNewlines)
            guard !password.isEmpty else { throw Diagnostic(code: "vault-password", "the vault password file '\(path)' is empty") }
            return VaultPassword(Secret(password))
        }
    }
}
