import ArgumentParser
import Foundation
import OpsCore
import OpsSecrets

struct SecretsKeygen: PlaintextCommand {
    static let configuration = CommandConfiguration(
        commandName: "keygen",
        abstract: "Make an age identity for yourself.",
        discussion: """
            Writes a new key, readable for you only, to the place where sops looks for it, and prints its recipient, \
            which isn't secret: others encrypt files to it. A key that is there already is never overwritten.

              opsctl secrets keygen
              opsctl secrets keygen --output deploy-key.txt
            """)

    @Option(name: [.short, .long], help: ArgumentHelp("Where to write the key.", valueName: "path"))
    var output: String?

    func run() async throws {
        let console = Console.shared
        let path = output?.expandingTilde
            ?? SecretKeyring.defaultKeyFile(environment: console.environment, home: console.home)
        let recipient = try SecretKeygen.create(at: path)
        console.say("written to \(path); keep a copy of it in a safe place")
        console.out(recipient)
        console.say("""
            Next: name it in .sops.yaml, beside the secrets directory:
              creation_rules:
                - path_regex: secrets/
                  age: [\(recipient)]
            then: opsctl secrets init ENV
            """)
    }
}

struct SecretsGenerate: PlaintextCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Print a random password.",
        discussion: """
            Upper and lower case, digits and - _ . of which each is there: good for the strictest policy, and plain \
            in shells, URLs and YAML. 32 characters are 190 bits.

              opsctl secrets generate
              opsctl secrets generate | opsctl secrets set grafana.yml admin_password
            """)

    @Option(help: ArgumentHelp("Characters, 8 to 4096.", valueName: "count"))
    var length = 32

    func validate() throws {
        guard (8...4096).contains(length) else { throw ValidationError("--length must be 8 to 4096") }
    }

    func run() async throws {
        // Printing it is what was asked for.
        Console.shared.out(try SecretGenerator.password(length: length).reveal { $0 })
    }
}
