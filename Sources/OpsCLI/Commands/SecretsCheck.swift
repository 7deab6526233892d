import ArgumentParser
import Foundation
import OpsCore
import OpsProject
import OpsSecrets

struct SecretsCheck: PlaintextCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check that all secrets open, are complete, and are not weak or plain.",
        discussion: """
            Every file below secrets/ENV/, and right in secrets/, must be encrypted and decrypt; it must hold every key \
            of secrets.example/ and every one that playbooks and templates use. Well-known passwords, repeated patterns \
            and values of the examples are errors, short passwords are warned of. Without ENV, all environments.

              opsctl secrets check
              opsctl secrets check production
              opsctl secrets check --staged     what the next commit holds; needs no key

            To refuse plain secrets in every commit:

              opsctl secrets check --hook > .git/hooks/pre-commit && chmod +x .git/hooks/pre-commit
            """)

    @Argument(help: ArgumentHelp("The environment: secrets/ENV/.", valueName: "env"))
    var environment: String?

    @Flag(help: "Look only at what git has staged.")
    var staged = false

    @Flag(help: "Print the pre-commit hook.")
    var hook = false

    @OptionGroup var keys: SecretsOptions

    func run() async throws {
        let console = Console.shared
        if hook { return FileHandle.standardOutput.write(Data(SecretCommitCheck.hook.utf8)) }
        if staged { return try report(stagedFindings(), "nothing plain is staged") }
        var ignored = DiagnosticCollector()
        let project = Project(root: Project.findRoot(from: FileManager.default.currentDirectoryPath), into: &ignored)
        let known = project.files.names(in: "secrets").filter { project.files.isDirectory("secrets/\($0)") }
        if let environment, !known.contains(environment) {
            throw CommandFailure(Diagnostic(
                code: "no-secrets", "there is no directory secrets/\(environment)",
                hints: NearestName.hints(for: environment, in: known) + ["make it with: opsctl secrets init \(environment)"]))
        }
        guard !known.isEmpty else {
            throw CommandFailure(Diagnostic(
                code: "no-secrets", "there are no secrets here", hints: ["make an environment's with: opsctl secrets init ENV"]))
        }
        let examined = environment.map { [$0] } ?? known
        let keyring = try keys.keyring()
        let inventory = SecretsInventory(project: project)
        var findings = try inventory.findingsAtTop(keyring: keyring)
        for name in examined { findings += try inventory.findings(environment: name, keyring: keyring) }
        try report(findings, "\(examined.joined(separator: ", ")): all secrets open, none is missing")
        if !Self.hasHook {
            console.say("to refuse plain secrets in every commit:\n  opsctl secrets check --hook > .git/hooks/pre-commit && chmod +x .git/hooks/pre-commit")
        }
    }

    private func stagedFindings() throws -> [Diagnostic] {
        let root = try SecretsGit.root()
        return try SecretsGit.staged().flatMap { file in
            let config = try SopsConfig.find(for: "\(root)/\(file.path)")
            let isConfigured = SecretPlaces.isConfigured("\(root)/\(file.path)", by: config)
            return try SecretCommitCheck.findings(SecretsGit.content(of: file), path: file.path, isConfigured: isConfigured)
        }
    }

    private func report(_ findings: [Diagnostic], _ allWell: String) throws {
        Console.shared.show(findings, excerpts: false)
        if findings.contains(where: { $0.severity == .error }) { throw ExitStatus.projectErrors }
        Console.shared.out(allWell)
    }

    private static var hasHook: Bool { FileManager.default.fileExists(atPath: ".git/hooks/pre-commit") }
}
