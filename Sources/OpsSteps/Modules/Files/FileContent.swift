import OpsCore
import OpsTransport

/// Puts given content at a path: what `copy` and `template` share once the content is known.
struct FileContent: Sendable {
    var destination: String
    /// Name to use if the destination is a directory on the host.
    var nameInDirectory: String?
    var content: SensitiveText
    /// The same content as bytes; differs from the text only for files that aren't UTF-8.
    var bytes: [UInt8]
    var attributes: FileAttributes
    var validate: String?
    var backup: Bool
    /// False: leave a file that exists as it is.
    var force: Bool

    static let parameters =
        [
            Parameter("dest", "absolute path on the host", required: true),
            Parameter("force", "replace a file that differs"),
            Parameter("backup", "keep the replaced file beside the new one"),
            Parameter("validate", "command with %s that must succeed before the file is put in place"),
        ] + FileAttributes.parameters

    /// Largest file whose old content is fetched for a diff, in bytes.
    private static let largestDiff = 256 << 10

    init(_ arguments: ArgumentReader, content: SensitiveText, bytes: [UInt8], nameInDirectory: String?) throws(Diagnostic) {
        let written = try arguments.required("dest")
        destination = try arguments.absolutePath("dest")
        if written.hasSuffix("/"), let name = nameInDirectory {
            destination += "/" + name
            self.nameInDirectory = nil
        } else {
            self.nameInDirectory = nameInDirectory
        }
        self.content = content
        self.bytes = bytes
        attributes = try FileAttributes(arguments)
        validate = try arguments.string("validate")
        if let validate, !validate.contains("%s") {
            throw arguments.complaint(
                "validate", code: "no-placeholder", "'validate' must contain %s for the new file's path: '\(validate)'")
        }
        backup = try arguments.bool("backup", default: false)
        force = try arguments.bool("force", default: true)
    }

    var probe: Probe { Probe(FileState.script(destination, intoDirectory: nameInDirectory, follow: true)) }

    func changes(_ work: StepWork) async throws -> [Change] {
        let state = try seenState(work)
        switch state.kind {
        case .absent:
            return [Change(.create, state.path, summary: "\(bytes.count) bytes", diff: diff(old: nil, path: state.path, work))]
        case .file:
            var reasons = attributes.differences(from: state)
            guard state.sha256 != FileWrite.sha256(bytes), force else {
                return reasons.isEmpty ? [] : [Change(.update, state.path, summary: reasons.joined(separator: ", "))]
            }
            reasons.insert("content", at: 0)
            let old = try await oldContent(state, work)
            return [Change(.update, state.path, summary: reasons.joined(separator: ", "), diff: diff(old: old, path: state.path, work))]
        default:
            throw Diagnostic(code: "not-a-file", "\(state.path) is a \(state.kind.rawValue) on \(work.mode.host), not a file")
        }
    }

    func apply(_ changes: [Change], _ work: StepWork) async throws -> StepResult {
        let state = try seenState(work)
        if state.kind == .file, !force || state.sha256 == FileWrite.sha256(bytes) {
            let commands = attributes.commands(variable: "p", bits: state.bits, isDirectory: false)
            try await work.require("set -e\np=\(ShellQuoting.quote(state.path))\n" + commands, to: "set the attributes of \(state.path)")
        } else {
            let write = FileWrite(
                path: state.path, content: bytes, attributes: attributes,
                currentBits: state.kind == .file ? state.bits : nil, validate: validate, backup: backup)
            try await write.perform(work)
        }
        return StepResult(changes: changes, message: state.path, values: values(state))
    }

    func values(_ state: FileState) -> ValueMap {
        ["dest": .string(state.path), "checksum": .string(FileWrite.sha256(bytes)), "size": .int(bytes.count)]
    }

    func seenState(_ work: StepWork) throws -> FileState {
        guard let seen = work.seen else { throw Diagnostic(code: "internal", "nothing is known of \(destination)") }
        guard seen.succeeded else { throw seen.complaint(failing: "look at \(destination)") }
        return FileState(parsing: seen.stdout.text)
    }

    private func oldContent(_ state: FileState, _ work: StepWork) async throws -> String? {
        guard work.mode.diff, !content.isSecret, state.size <= Self.largestDiff else { return nil }
        let result = try await work.require("cat -- \(ShellQuoting.quote(state.path))", to: "read \(state.path)")
        return result.stdout.text
    }

    private func diff(old: String?, path: String, _ work: StepWork) -> String {
        guard work.mode.diff, !content.isSecret, bytes.count <= Self.largestDiff else { return "" }
        return content.reveal { UnifiedDiff().text(before: old, after: $0, path: path) }
    }
}
