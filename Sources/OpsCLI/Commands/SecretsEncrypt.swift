import ArgumentParser
import Foundation
import OpsCore
import OpsSecrets

struct SecretsEncrypt: PlaintextCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case sops, age
        case ansibleVault = "ansible-vault"
    }

    static let configuration = CommandConfiguration(
        commandName: "encrypt",
        abstract: "Encrypt a plain file in place.",
        discussion: """
            For the recipients that .sops.yaml names, or those given here. YAML, JSON, dotenv and INI files keep their \
            keys readable; --format age and ansible-vault encrypt the file as a whole.

              opsctl secrets encrypt secrets/production/smtp.yml
              opsctl secrets encrypt backup.tar --format age --age age1...
              opsctl secrets encrypt backup.tar --format age --passphrase
              opsctl secrets encrypt vault.yml --format ansible-vault --vault-id prod@prompt
            """)

    @Argument(help: "The plain file.")
    var file: String

    @Option(help: "sops, ansible-vault or age.")
    var format: Format = .sops

    @Flag(help: "With --format age: ask for a passphrase instead of naming recipients.")
    var passphrase = false

    @Option(name: [.short, .long], help: ArgumentHelp("Write here, and leave the plain file as it is.", valueName: "path"))
    var output: String?

    @OptionGroup var recipients: RecipientOptions
    @OptionGroup var keys: SecretsOptions

    func run() async throws {
        let target = output ?? file
        if format == .age {
            try refuseEncrypted()
            let names = try passphrase ? [askedPassphrase()] : recipients.encryption(for: file).recipients
            try AgeFile.encrypt(file, to: target, recipients: names, armored: true)
        } else {
            try AtomicFile.write(encryption().encrypt(SecretsInput.bytes(of: file), file: file), to: target)
        }
        Console.shared.say("\(target): encrypted (\(format.rawValue))")
    }

    func validate() throws {
        guard passphrase else { return }
        if format != .age { throw ValidationError("--passphrase needs --format age") }
        if !recipients.age.isEmpty { throw ValidationError("a passphrase must be the only recipient") }
    }

    /// Asked for twice: a typing error would lock the file for good.
    private func askedPassphrase() throws -> any AgeRecipient {
        guard let passphrase = try Prompt.secret("New passphrase for \(file):"), !passphrase.isEmpty else {
            throw CommandFailure(
                Diagnostic(
                    code: "no-value", "no passphrase was given",
                    hints: ["--passphrase needs a terminal to ask at; without one, name recipients"]),
                status: .usage)
        }
        guard try Prompt.secret("The same again:") == passphrase else {
            throw CommandFailure(Diagnostic(code: "no-value", "the two passphrases differ, so nothing is written"), status: .usage)
        }
        return AgeScryptRecipient(passphrase: passphrase)
    }

    private func encryption() throws -> SecretEncryption {
        guard format == .ansibleVault else { return try recipients.encryption(for: file) }
        return SecretEncryption(.vault(try keys.vaultPassword(for: file, in: keys.keyring())))
    }

    /// An age file may be larger than memory, so only its beginning is looked at.
    private func refuseEncrypted() throws {
        guard let handle = FileHandle(forReadingAtPath: file) else { return }
        defer { try? handle.close() }
        let start = (try? handle.read(upToCount: 4096)) ?? Data()
        let format = SecretFile.detect(Array(start))
        guard format != .plain else { return }
        throw Diagnostic(
            code: "secret-encrypted", "the file is already encrypted (\(format.title))", at: SourceLocation(file: file),
            hints: ["to change for whom, use: opsctl secrets rekey \(file)"])
    }
}
