import ArgumentParser
import Foundation
import OpsCore
import OpsProject
import OpsSecrets

struct SecretsInit: PlaintextCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make an environment's secrets from secrets.example/.",
        discussion: """
            Asks for every key that the examples have and writes the files encrypted below secrets/ENV/. Nothing is \
            written before everything is answered; files that are there already stay as they are.

              opsctl secrets init production
              opsctl secrets init lab --generate   random passwords, keys and tokens

            Without a terminal, values come from a YAML file or standard input:

              echo 'smtp: {username: alerts}' | opsctl secrets init lab --generate --values -
            """)

    @Argument(help: ArgumentHelp("The environment: secrets/ENV/.", valueName: "env"))
    var environment: String

    @Flag(help: "Generate what looks like a password, key or token.")
    var generate = false

    @Option(help: ArgumentHelp("YAML file with values by file and key; '-' for standard input.", valueName: "path"))
    var values: String?

    @OptionGroup var recipients: RecipientOptions

    func validate() throws {
        guard !environment.isEmpty, !environment.contains("/"), !environment.hasPrefix(".") else {
            throw ValidationError("'\(environment)' is no name for an environment")
        }
    }

    func run() async throws {
        var ignored = DiagnosticCollector()
        let project = Project(root: Project.findRoot(from: FileManager.default.currentDirectoryPath), into: &ignored)
        let examples = SecretsInventory(project: project).examples
        guard !examples.isEmpty else {
            throw CommandFailure(Diagnostic(
                code: "no-examples", "there is nothing in secrets.example/",
                hints: ["write secrets.example/smtp.yml with dummy values, or use: opsctl secrets edit secrets/\(environment)/smtp.yml"]))
        }
        let answers = SecretsAnswers(given: try values.map(SecretsAnswers.read), generates: generate)
        var (new, findings): ([(path: String, bytes: [UInt8])], DiagnosticCollector) = ([], .init())
        for name in examples {
            let path = "\(project.secretsDirectory(of: environment))/\(name)"
            if project.files.exists(path) {
                Console.shared.say("kept     \(path)")
                continue
            }
            // Messages name files as the user sees them.
            let target = project.root == FileManager.default.currentDirectoryPath ? path : project.files.absolute(path)
            try findings.collect {
                let encryption = try recipients.encryption(for: target)
                let plain = try answers.fill(project.files.absolute("secrets.example/\(name)"), name: name)
                new.append((path, try encryption.encrypt(plain, file: target)))
            }
        }
        try findings.throwIfErrors()
        for (path, bytes) in new {
            let target = URL(filePath: project.files.absolute(path))
            try FileManager.default.createDirectory(at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
            try AtomicFile.write(bytes, to: target.path, access: .kept(new: 0o644))
            Console.shared.say("written  \(path)")
        }
    }
}
