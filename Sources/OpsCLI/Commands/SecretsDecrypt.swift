import ArgumentParser
import Foundation
import OpsCore
import OpsSecrets

struct SecretsDecrypt: PlaintextCommand {
    static let configuration = CommandConfiguration(
        commandName: "decrypt",
        abstract: "Decrypt a file in place.",
        discussion: """
            Nothing is written unless all of the file is authentic. To read or change values, 'view', 'set' and 'edit' \
            are safer: they leave no plain file behind.

              opsctl secrets decrypt secrets/production/smtp.yml
              opsctl secrets decrypt backup.tar.age --output backup.tar
            """)

    @Argument(help: "The encrypted file.")
    var file: String

    @Option(name: [.short, .long], help: ArgumentHelp("Write here (0600), and leave the file as it is.", valueName: "path"))
    var output: String?

    @OptionGroup var keys: SecretsOptions

    func run() async throws {
        let target = output ?? file
        let keyring = try keys.keyring()
        if isAge {
            try AgeFile.decrypt(file, to: target, keyring: keyring)
        } else {
            try AtomicFile.write(SecretDocument(path: file, keyring: keyring).plaintext, to: target, access: .ownerOnly)
        }
        let console = Console.shared
        console.say("\(target): plain text now")
        if output == nil { console.say("encrypt it before it is committed: opsctl secrets encrypt \(file)") }
    }

    /// age files may be larger than memory.
    private var isAge: Bool {
        guard let handle = FileHandle(forReadingAtPath: file) else { return false }
        defer { try? handle.close() }
        return SecretFile.detect(Array((try? handle.read(upToCount: 4096)) ?? Data())) == .age
    }
}
