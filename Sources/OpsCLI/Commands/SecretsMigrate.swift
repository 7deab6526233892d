import ArgumentParser
import OpsCore
import OpsSecrets

struct SecretsMigrate: PlaintextCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case sops
        case ansibleVault = "ansible-vault"
    }

    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Change a file from Ansible Vault to SOPS, or back.",
        discussion: """
            Values stay the same. YAML with inline !vault values becomes a SOPS file whose other values are encrypted \
            too; age files can become either.

              opsctl secrets migrate vault.yml --format sops --vault-password-file pass
              opsctl secrets migrate smtp.yml --format ansible-vault --vault-id prod@prompt
            """)

    @Argument(help: "The encrypted file.")
    var file: String

    @Option(help: "What it becomes: sops or ansible-vault.")
    var format: Format

    @OptionGroup var recipients: RecipientOptions
    @OptionGroup var keys: SecretsOptions

    func run() async throws {
        let keyring = try keys.keyring()
        let bytes = try SecretsInput.bytes(of: file)
        let migrated = switch format {
        case .sops:
            try SecretMigration.toSops(bytes, file: file, keyring: keyring, encryption: recipients.encryption(for: file))
        case .ansibleVault:
            try SecretMigration.toVault(bytes, file: file, keyring: keyring, password: keys.vaultPassword(for: file, in: keyring))
        }
        try AtomicFile.write(migrated, to: file)
        Console.shared.say("\(file): \(format.rawValue) now")
    }
}
