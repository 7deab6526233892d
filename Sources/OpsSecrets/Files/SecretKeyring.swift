import Foundation
import OpsCore

/// Everything that can open secrets in one run: age identities, vault passwords, and derived keys.
///
/// Copies share the derived keys, so each is computed once per run.
public struct SecretKeyring: Sendable {
    public var identities: [any AgeIdentity]
    public var passwords: [VaultPassword]
    /// Where identities were looked for, for the error that none fits.
    public var searched: [String]
    /// Asked for the passphrase of a file that is encrypted with one.
    let prompt: PassphrasePrompt
    private let vaultKeys = VaultKeyCache()

    public init(
        identities: [any AgeIdentity] = [], passwords: [VaultPassword] = [], searched: [String] = [],
        prompt: @escaping PassphrasePrompt = { _ in nil }
    ) {
        (self.identities, self.passwords, self.searched, self.prompt) = (identities, passwords, searched, prompt)
    }

    /// What may open an age file: the identities, and the passphrase that the file asks for.
    func identities(for file: String) -> [any AgeIdentity] {
        identities + [AgePassphraseQuestion(file: file, prompt: prompt)]
    }

    /// Reads and writes vaults with the passwords here.
    public var vault: AnsibleVault { AnsibleVault(passwords: passwords, cache: vaultKeys) }

    /// How many vault keys this run derived.
    public var vaultKeyDerivations: Int { vaultKeys.derivations }
}
