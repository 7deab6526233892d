import ArgumentParser
import OpsCore
import OpsSecrets

struct SecretsDiff: PlaintextCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Show which values changed between two revisions, never the values.",
        discussion: """
              opsctl secrets diff smtp.yml               since the last commit
              opsctl secrets diff smtp.yml v1.2          since a tag
              opsctl secrets diff smtp.yml HEAD~3 HEAD   between two revisions
              opsctl secrets diff smtp.yml --all         also what is the same
            """)

    @Argument(help: "The encrypted file.")
    var file: String

    @Argument(help: ArgumentHelp("The older revision (default: HEAD).", valueName: "rev1"))
    var old = "HEAD"

    @Argument(help: ArgumentHelp("The newer revision; without it, the file as it is.", valueName: "rev2"))
    var new: String?

    @Flag(help: "Also list values that are the same.")
    var all = false

    @OptionGroup var keys: SecretsOptions

    func run() async throws {
        let keyring = try keys.keyring()
        let before = try SecretsGit.file(file, at: old)
        let after = try new.map { try SecretsGit.file(file, at: $0) } ?? SecretsInput.bytes(of: file)
        guard before != nil || after != nil else {
            throw CommandFailure(Diagnostic(code: "file-unreadable", "neither revision has the file", at: SourceLocation(file: file)))
        }
        let values = try (value(before, keyring), value(after, keyring))
        let changes = SecretDiff.changes(from: values.0, to: values.1)
        let console = Console.shared
        for change in changes { console.out("\(change.kind.rawValue.padded(8)) \(change.path)") }
        let changed = Set(changes.map(\.path))
        let same = SecretCheck.keys(ofExample: values.1).filter { !changed.contains($0) && !$0.isEmpty }
        if all { same.forEach { console.out("same     \($0)") } }
        console.say(changes.isEmpty ? "\(file): nothing changed" : "\(changes.count) changed, \(same.count) the same")
    }

    private func value(_ bytes: [UInt8]?, _ keyring: SecretKeyring) throws -> Value {
        try bytes.map { try SecretFile.value(of: $0, file: file, keyring: keyring) } ?? .map([:])
    }
}

extension String {
    fileprivate func padded(_ length: Int) -> String { self + String(repeating: " ", count: max(0, length - count)) }
}
