import ArgumentParser
import Foundation
import OpsCore
import OpsSecrets
import OpsTransport

struct SecretsEdit: PlaintextCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Edit a file's plaintext in $EDITOR, and encrypt what changed.",
        discussion: """
            The plaintext lies in a private directory in memory (/dev/shm) while the editor runs, and is wiped after. \
            Values you don't touch keep their encrypted bytes. Broken YAML never replaces a good file: your text is \
            kept, and you are told where.

              opsctl secrets edit secrets/production/smtp.yml
              EDITOR='code --wait' opsctl secrets edit secrets/production/smtp.yml

            A file that doesn't exist yet starts as secrets.example/ has it, or empty.
            """)

    @Argument(help: "The encrypted file.")
    var file: String

    @OptionGroup var recipients: RecipientOptions
    @OptionGroup var keys: SecretsOptions

    func run() async throws {
        let isNew = !FileManager.default.fileExists(atPath: file)
        let document = try isNew ? nil : SecretDocument(path: file, keyring: keys.keyring())
        let before = document?.plaintext ?? Self.example(for: file)
        // Who can read it has to be known before there is any work to lose.
        let encryption = try isNew ? recipients.encryption(for: file) : nil
        let scratch = try SecretScratch()
        if !scratch.isInMemory { Console.shared.say("no directory in memory here: the plaintext is on disk while you edit") }
        var keepsWork = false
        defer { if !keepsWork { scratch.remove() } }
        let copy = try scratch.add(before, name: file)
        let work = EditedCopy(path: copy, original: before, scratch: scratch)
        let terminations = work.settleOnTermination()
        defer { terminations.forEach { $0.cancel() } }
        do { try Self.openEditor(copy) } catch {
            keepsWork = work.isChanged
            throw keepsWork ? kept(copy, because: error) : unchanged(error)
        }
        let after = try SecretsInput.bytes(of: copy)
        guard after != before || isNew else { return Console.shared.say("\(file): nothing changed") }
        do {
            try refuseLoss(of: document, by: after)
            let encrypted = try document?.replacing(plaintext: after, recipients: recipients.known(for: file))
                ?? encryption?.encrypt(after, file: file)
            if let encrypted { try AtomicFile.write(encrypted, to: file) }
        } catch {
            keepsWork = true
            throw kept(copy, because: error)
        }
        Console.shared.say("\(file): \(isNew ? "written" : "changed")")
    }

    /// An empty save, or an edit of what isn't the file any more, would take values away that nobody meant to remove.
    private func refuseLoss(of document: SecretDocument?, by text: [UInt8]) throws {
        let location = SourceLocation(file: file)
        let now = FileManager.default.fileExists(atPath: file) ? try SecretsInput.bytes(of: file) : nil
        guard now == document?.bytes else {
            throw Diagnostic(
                code: "file-changed", "the file was changed while you edited it", at: location,
                hints: ["what changed since the last commit: opsctl secrets diff \(ShellQuoting.quote(file))"])
        }
        let format = document?.format ?? SecretEncryption.sopsFormat(of: file)
        let isEmpty = try SecretDocument.isEmpty(text, format: format, file: file)
        let wasEmpty = try document.map { try SecretDocument.isEmpty($0.plaintext, format: format, file: file) } ?? false
        guard isEmpty, !wasEmpty else { return }
        throw Diagnostic(
            code: "secret-empty", "no value is left in the text", at: location,
            hints: document == nil ? [] : ["to do without the file, remove it: git rm \(ShellQuoting.quote(file))"])
    }

    /// The shell splits `$EDITOR` into words, as git does. Ctrl-C belongs to the editor while it runs: `system` sees to it.
    private static func openEditor(_ path: String) throws {
        let environment = Console.shared.environment
        let editor = [environment["VISUAL"], environment["EDITOR"]].compactMap { $0 }.first { !$0.isEmpty } ?? "vi"
        let status = system("\(editor) \(ShellQuoting.quote(path))")
        guard status != 0 else { return }
        let code = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
        if code == 128 + SIGINT { throw CommandFailure(Diagnostic(code: "interrupted", "interrupted"), status: .interrupted) }
        throw CommandFailure(Diagnostic(
            code: "editor", "the editor '\(editor)' failed with exit status \(code)",
            hints: [126, 127].contains(code) ? ["set EDITOR to the one you use"] : []))
    }

    /// Nothing was edited, so nothing is lost.
    private func unchanged(_ error: any Error) -> CommandFailure {
        var failure = CommandFailure(wrapping: error)
        for index in failure.diagnostics.indices { failure.diagnostics[index].message += "; \(file) is unchanged" }
        return failure
    }

    /// Its place would show a line of the encrypted file, so it goes into the message.
    private func kept(_ copy: String, because error: any Error) -> CommandFailure {
        var failure = CommandFailure(wrapping: error)
        let directory = (copy as NSString).deletingLastPathComponent
        failure.diagnostics = failure.diagnostics.map { finding in
            let place = finding.location.map { $0.line > 1 || $0.column > 1 ? "line \($0.line), column \($0.column): " : "" } ?? ""
            return Diagnostic(
                code: finding.code, "\(file) is unchanged: \(place)\(finding.message)",
                hints: finding.hints + [
                    "your text is kept in \(copy), for you only, until the machine restarts",
                    "correct it there, then: EDITOR='cp \(copy)' opsctl secrets edit \(ShellQuoting.quote(file)) && rm -r \(directory)",
                ])
        }
        return failure
    }

    private static func example(for file: String) -> [UInt8] {
        (try? SecretExample.text("secrets.example/" + (file as NSString).lastPathComponent)) ?? []
    }
}
