import ArgumentParser
import Foundation
import OpsCore
import OpsProject
import OpsSecrets

struct SecretsView: PlaintextCommand {
    static let configuration = CommandConfiguration(
        commandName: "view",
        abstract: "Show an encrypted file, or one of its values.",
        discussion: """
              opsctl secrets view secrets/production/smtp.yml
              opsctl secrets view secrets/production/smtp.yml password | pbcopy
              opsctl secrets view secrets/production/smtp.yml users.0.name
            """)

    @Argument(help: "The encrypted file.")
    var file: String

    @Argument(help: "Show only this value: keys and list positions, joined by points.")
    var key: String?

    @OptionGroup var keys: SecretsOptions

    func run() async throws {
        let document = try SecretDocument(path: file, keyring: keys.keyring())
        guard let key else {
            FileHandle.standardOutput.write(Data(document.plaintext))
            return
        }
        Console.shared.out(try text(of: key, in: document.value()))
    }

    private func text(of key: String, in value: Value) throws -> String {
        let known = SecretCheck.keys(ofExample: value)
        switch SecretPath.value(at: SecretPath.parse(key), in: value) {
        case nil:
            let near = NearestName.hints(for: key, in: known)
            throw CommandFailure(Diagnostic(
                code: "secret-no-such-key", "there is no '\(key)'", at: SourceLocation(file: file),
                hints: near.isEmpty ? ["it has: \(known.prefix(20).joined(separator: ", "))"] : near))
        case .map, .list:
            let inside = known.filter { $0.hasPrefix(key + ".") }
            throw CommandFailure(Diagnostic(
                code: "secret-no-such-key", "'\(key)' holds several values", at: SourceLocation(file: file),
                hints: ["name one of: \(inside.prefix(20).joined(separator: ", "))"]))
        // Showing it is what was asked for.
        case .secret(let secret): return secret.reveal { $0 }
        case .string(let text): return text
        case .some(let value): return JSONText.pretty(value)
        }
    }
}
