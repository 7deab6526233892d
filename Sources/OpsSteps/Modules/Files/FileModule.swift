import OpsCore
import OpsTransport

/// `file`: a path's kind, owner and mode: directory, file, link, or nothing at all.
struct FileModule: StateModule {
    static let name = "file"
    static let parameters =
        [
            Parameter("path", "absolute path on the host", required: true, aliases: ["dest", "name"]),
            Parameter("state", "what shall be there", choices: ["absent", "directory", "file", "link", "hard", "touch"]),
            Parameter("src", "where a link points"),
            Parameter("recurse", "set owner, group and mode of everything below a directory too"),
            Parameter("force", "replace a file by a link"),
        ] + FileAttributes.parameters

    private let path: String
    private let state: String?
    private let source: String?
    private let recurse: Bool
    private let force: Bool
    private let attributes: FileAttributes

    init(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws {
        path = try arguments.absolutePath("path")
        source = try arguments.string("src")
        state = try arguments.string("state")
        recurse = try arguments.bool("recurse", default: false)
        force = try arguments.bool("force", default: false)
        attributes = try FileAttributes(arguments)
        if state == "link" || state == "hard", source == nil {
            throw Diagnostic(code: "missing-argument", "a link needs 'src'", at: arguments.location)
        }
        if recurse, state != "directory" {
            throw arguments.complaint("recurse", code: "not-applicable", "'recurse' needs 'state: directory'")
        }
        if path == "/", state == "absent" {
            throw arguments.complaint("path", code: "refused", "removing '/' is refused")
        }
    }

    var probe: Probe? {
        var script = FileState.script(path)
        if recurse { script += recursiveSurvey }
        if state == "hard", let source { script += "[ \(quoted) -ef \(ShellQuoting.quote(source)) ] && echo same\ntrue\n" }
        return Probe(script)
    }

    private var quoted: String { ShellQuoting.quote(path) }

    /// Prints one line per distinct owner, group and mode below the directory.
    private var recursiveSurvey: String {
        "echo '---'\n[ -d \(quoted) ] && find \(quoted) -mindepth 1 ! -type l -exec stat -c '%F|%a|%u|%g|%U|%G|%s|%Y' {} + | sed 's/|[0-9]*|[0-9]*$//' | sort -u | head -n 200\ntrue\n"
    }

    private func seen(_ work: StepWork) throws -> (state: FileState, rest: [String]) {
        guard let seen = work.seen, seen.succeeded else {
            throw work.seen?.complaint(failing: "look at \(path)") ?? Diagnostic(code: "internal", "nothing is known of \(path)")
        }
        let lines = seen.stdout.text.split(separator: "\n").map(String.init)
        return (FileState(parsing: seen.stdout.text), lines)
    }

    func changes(_ work: StepWork) async throws -> [Change] {
        let (found, lines) = try seen(work)
        switch state ?? (found.kind == .directory ? "directory" : "file") {
        case "absent":
            return found.kind == .absent ? [] : [Change(.delete, path, summary: found.kind.rawValue)]
        case "directory":
            return try directoryChanges(found, lines)
        case "link":
            return try linkChanges(found)
        case "hard":
            return lines.last == "same" ? [] : [Change(.create, path, summary: "hard link to \(source ?? "")")]
        case "touch":
            return [Change(found.kind == .absent ? .create : .update, path, summary: "touch")]
        default:
            guard found.kind != .absent else {
                throw Diagnostic(code: "no-such-file", "\(path) does not exist on \(work.mode.host)",
                                 hints: ["'state: touch' makes an empty file, 'copy' or 'template' one with content"])
            }
            return attributeChanges(found)
        }
    }

    private func attributeChanges(_ found: FileState) -> [Change] {
        let differences = attributes.differences(from: found)
        return differences.isEmpty ? [] : [Change(.update, path, summary: differences.joined(separator: ", "))]
    }

    private func directoryChanges(_ found: FileState, _ lines: [String]) throws -> [Change] {
        switch found.kind {
        case .absent:
            return [Change(.create, path, summary: "directory")]
        case .directory:
            let own = attributeChanges(found)
            guard own.isEmpty, recurse, let start = lines.firstIndex(of: "---") else { return own }
            let differs = lines[(start + 1)...].contains { line in
                !attributes.differences(from: FileState(parsing: "\n\(line)|0|0")).isEmpty
            }
            return differs ? [Change(.update, path, summary: "owner, group or mode of what is below")] : []
        default:
            throw Diagnostic(code: "not-a-directory", "\(path) is a \(found.kind.rawValue), not a directory")
        }
    }

    private func linkChanges(_ found: FileState) throws -> [Change] {
        let target = source ?? ""
        switch found.kind {
        case .link where found.target == target: return []
        case .link: return [Change(.update, path, summary: "link \(found.target) → \(target)")]
        case .absent: return [Change(.create, path, summary: "link to \(target)")]
        default:
            guard force, found.kind == .file else {
                throw Diagnostic(code: "in-the-way", "\(path) is a \(found.kind.rawValue), not a link",
                                 hints: ["remove it first, or set 'force: true' to replace a file"])
            }
            return [Change(.update, path, summary: "file → link to \(target)")]
        }
    }

    func apply(_ changes: [Change], _ work: StepWork) async throws -> StepResult {
        let found = try seen(work).state
        try await work.require("set -e\np=\(quoted)\n" + commands(found), to: "bring \(path) into its state")
        return StepResult(
            changes: changes, message: changes.first?.summary ?? "",
            values: ["path": .string(path), "state": .string(state ?? "file")])
    }

    private func commands(_ found: FileState) -> String {
        switch state ?? (found.kind == .directory ? "directory" : "file") {
        case "absent": return "rm -rf -- \"$p\"\n"
        case "directory":
            let make = found.kind == .absent ? "mkdir -p -- \"$p\"\n" : ""
            let bits = found.kind == .absent ? 0o755 : found.bits
            let own = attributes.commands(variable: "p", bits: bits, isDirectory: true)
            return make + own + (recurse ? recursiveCommands : "")
        case "link": return "ln -sfn -- \(ShellQuoting.quote(source ?? "")) \"$p\"\n"
        case "hard": return "ln -f -- \(ShellQuoting.quote(source ?? "")) \"$p\"\n"
        case "touch":
            let bits = found.kind == .absent ? 0o644 : found.bits
            return "touch -- \"$p\"\n" + attributes.commands(variable: "p", bits: bits, isDirectory: false)
        default: return attributes.commands(variable: "p", bits: found.bits, isDirectory: false)
        }
    }

    private var recursiveCommands: String {
        var lines = ""
        if attributes.owner != nil || attributes.group != nil {
            let spec = ShellQuoting.quote((attributes.owner ?? "") + (attributes.group.map { ":" + $0 } ?? ""))
            lines += "chown -hR \(spec) \"$p\"\n"
        }
        if let mode = attributes.mode {
            let directories = FileMode.octal(mode.resolved(current: 0o755, isDirectory: true))
            let files = FileMode.octal(mode.resolved(current: 0o644, isDirectory: false))
            lines += "find \"$p\" -mindepth 1 -type d -exec chmod \(directories) {} +\n"
            lines += "find \"$p\" -mindepth 1 -type f -exec chmod \(files) {} +\n"
        }
        return lines
    }
}
