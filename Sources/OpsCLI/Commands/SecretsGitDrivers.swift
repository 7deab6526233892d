import ArgumentParser
import OpsCore
import OpsSecrets

struct SecretsTextconv: PlaintextCommand {
    static let configuration = CommandConfiguration(
        commandName: "textconv",
        abstract: "Show a file for 'git diff': which values changed, not what they are.",
        discussion: """
            Each secret becomes a fingerprint that depends on your own key. To let git use it:

              echo '\(SecretTextconv.gitattributes)' >> .gitattributes
              \(SecretTextconv.gitConfig[0])
            """)

    @Argument(help: "The encrypted file.")
    var file: String

    @OptionGroup var keys: SecretsOptions

    func run() async throws {
        let text = try SecretTextconv.text(SecretsInput.bytes(of: file), file: file, keyring: keys.keyring())
        Console.shared.out(text.hasSuffix("\n") ? String(text.dropLast()) : text)
    }
}

struct SecretsMerge: PlaintextCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Merge two versions of an encrypted file for git.",
        discussion: """
            Merges the plaintexts in memory and writes the result, encrypted, over OURS. In a conflict OURS stays as it \
            is and the keys are named. To let git use it:

              echo '\(SecretTextconv.gitattributes)' >> .gitattributes
              \(SecretTextconv.gitConfig[1])
            """)

    @Argument(help: "The version both come from.")
    var base: String

    @Argument(help: "Our version, replaced by the result.")
    var ours: String

    @Argument(help: "The other version.")
    var theirs: String

    @Argument(help: "The file's path in the repository, for messages and .sops.yaml: git's versions have made-up names.")
    var path: String?

    @OptionGroup var recipients: RecipientOptions
    @OptionGroup var keys: SecretsOptions

    func run() async throws {
        let file = path ?? ours
        let merged = try SecretMerge.merge(
            base: SecretsInput.bytes(of: base), ours: SecretsInput.bytes(of: ours), theirs: SecretsInput.bytes(of: theirs),
            file: file, keyring: keys.keyring(), recipients: recipients.known(for: file))
        try AtomicFile.write(merged, to: ours)
    }
}
