import OpsCore
import OpsTransport

/// Owner, group and mode as a step declares them; nil leaves what is there.
struct FileAttributes: Sendable, Hashable {
    var owner: String?
    var group: String?
    var mode: FileMode?

    static let parameters = [
        Parameter("owner", "user name or numeric id that shall own it"),
        Parameter("group", "group name or numeric id"),
        Parameter("mode", "permissions: '0644' or 'u=rw,g=r'"),
    ]

    init(owner: String? = nil, group: String? = nil, mode: FileMode? = nil) {
        self.owner = owner
        self.group = group
        self.mode = mode
    }

    init(_ arguments: ArgumentReader) throws(Diagnostic) {
        owner = try arguments.string("owner")
        group = try arguments.string("group")
        mode = try arguments.mode("mode")
    }

    /// What differs from what is there, in words; empty if nothing does.
    func differences(from state: FileState) -> [String] {
        var found: [String] = []
        if let owner, owner != state.owner, owner != String(state.uid) {
            found.append("owner \(state.owner) → \(owner)")
        }
        if let group, group != state.group, group != String(state.gid) {
            found.append("group \(state.group) → \(group)")
        }
        if let mode {
            let wanted = mode.resolved(current: state.bits, isDirectory: state.kind == .directory)
            if wanted != state.bits { found.append("mode \(FileMode.octal(state.bits)) → \(FileMode.octal(wanted))") }
        }
        return found
    }

    /// Commands that set them on `"$\(variable)"`; a new file or directory starts from `bits`.
    func commands(variable: String, bits: Int, isDirectory: Bool) -> String {
        var lines = ""
        // chown clears set-id bits, so it comes before chmod.
        if owner != nil || group != nil {
            let spec = ShellQuoting.quote((owner ?? "") + (group.map { ":" + $0 } ?? ""))
            lines += "chown -h \(spec) \"$\(variable)\"\n"
        }
        let wanted = mode?.resolved(current: bits, isDirectory: isDirectory) ?? bits
        lines += "chmod \(FileMode.octal(wanted)) \"$\(variable)\"\n"
        return lines
    }
}
