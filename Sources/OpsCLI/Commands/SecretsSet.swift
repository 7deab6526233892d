import ArgumentParser
import Foundation
import OpsCore
import OpsSecrets

struct SecretsSet: PlaintextCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Set or add one value of an encrypted file.",
        discussion: """
            The value is asked for, or read from standard input; never named on the command line. All other values \
            keep their encrypted bytes, so the change in git is one line and the checksum.

              opsctl secrets set secrets/production/smtp.yml password
              pass show mail/alerts | opsctl secrets set secrets/production/smtp.yml password
              opsctl secrets set secrets/production/grafana.yml admin_password --generate
            """)

    @Argument(help: "The encrypted file.")
    var file: String

    @Argument(help: "The value's keys and list positions, joined by points.")
    var key: String

    @Flag(help: "Set a random password of 32 characters.")
    var generate = false

    @OptionGroup var recipients: RecipientOptions
    @OptionGroup var keys: SecretsOptions

    func run() async throws {
        let document = try SecretDocument(path: file, keyring: keys.keyring())
        let value = try generate ? SecretGenerator.password() : SecretsInput.value(for: key)
        let path = SecretPath.parse(key)
        let isNew = (try? document.value()).map { SecretPath.value(at: path, in: $0) == nil } ?? false
        let changed = try document.setting(path, to: value, recipients: recipients.known(for: file))
        try AtomicFile.write(changed, to: file)
        Console.shared.say("\(file): \(key) is \(isNew ? "added" : "set")")
    }
}
