import ArgumentParser
import OpsCore
import OpsSecrets

struct SecretsRekey: PlaintextCommand {
    static let configuration = CommandConfiguration(
        commandName: "rekey",
        abstract: "Encrypt files anew, for other recipients or under another password.",
        discussion: """
            Every file gets a new key, so who was removed can't open later versions. What they have seen, they know: \
            change those values too. Without --add and --remove, .sops.yaml says for whom. All files are opened \
            before the first is written.

              opsctl secrets rekey secrets/production/*.yml --add age1...
              opsctl secrets rekey secrets/production/*.yml --remove 'ssh-ed25519 AAAA...'
              opsctl secrets rekey v.yml --vault-password-file old --new-vault-password-file new
            """)

    @Argument(help: "The encrypted files.")
    var files: [String]

    @Option(help: ArgumentHelp("Also for this recipient. Repeatable.", valueName: "recipient"))
    var add: [String] = []

    @Option(help: ArgumentHelp("No more for this recipient. Repeatable.", valueName: "recipient"))
    var remove: [String] = []

    @Option(help: ArgumentHelp("File or script that gives the new Ansible Vault password.", valueName: "path"))
    var newVaultPasswordFile: String?

    @OptionGroup var keys: SecretsOptions

    func run() async throws {
        let keyring = try keys.keyring()
        let password = try newVaultPasswordFile.map { path in
            try VaultPasswordSource(file: path).load { try Prompt.secret("Password for \($0):") }
        }
        var findings = DiagnosticCollector()
        var changed: [(file: String, bytes: [UInt8], count: Int)] = []
        for file in files {
            try findings.collect {
                let document = try SecretDocument(path: file, keyring: keyring)
                let recipients = try document.format == .ansibleVault ? [] : recipients(of: document)
                changed.append((file, try document.rekeyed(to: recipients, password: password), recipients.count))
            }
        }
        try findings.throwIfErrors()
        for (file, bytes, count) in changed {
            try AtomicFile.write(bytes, to: file)
            Console.shared.say("\(file): \(count == 0 ? "under the new password" : "for \(count) recipient\(count == 1 ? "" : "s")")")
        }
    }

    private func recipients(of document: SecretDocument) throws -> [any AgeRecipient] {
        let rule = try SopsConfig.find(for: document.file)?.rule(for: document.file)
        // An age file doesn't name its own; and without a wish of the user's, the configuration counts.
        let takesConfigured = document.recipients.isEmpty || (add.isEmpty && remove.isEmpty && rule?.isEmpty == false)
        var names = try takesConfigured ? rule?.allRecipients() ?? [] : document.recipients
        for name in remove {
            guard let index = names.firstIndex(where: { Self.isSame($0, name) }) else {
                throw failure("'\(name.prefix(40))' is no recipient", document, hints: ["its recipients are:"] + names)
            }
            names.remove(at: index)
        }
        names += add.filter { name in !names.contains { Self.isSame($0, name) } }
        guard !names.isEmpty else {
            throw failure("nobody could open the file any more", document, hints: ["name a recipient with --add, or in .sops.yaml"])
        }
        do { return try AgeRecipients.parse(names) } catch { throw failure(error.description, document, hints: []) }
    }

    /// An SSH key may be followed by a comment, which doesn't matter.
    private static func isSame(_ one: String, _ other: String) -> Bool {
        one.split(separator: " ").prefix(2) == other.split(separator: " ").prefix(2)
    }

    private func failure(_ message: String, _ document: SecretDocument, hints: [String]) -> Diagnostic {
        Diagnostic(code: "secret-recipient", message, at: SourceLocation(file: document.file), hints: hints)
    }
}
