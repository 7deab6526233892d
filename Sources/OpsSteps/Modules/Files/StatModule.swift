import OpsCore

/// `stat`: what stands at a path; registered as `stat`.
struct StatModule: StepModule {
    static let name = "stat"
    static let isReadOnly = true
    static let parameters = [
        Parameter("path", "absolute path on the host", required: true, aliases: ["dest", "name"]),
        Parameter("follow", "look through a symbolic link"),
        Parameter("get_checksum", "accepted for Ansible's sake"),
        Parameter("checksum_algorithm", "only sha256", choices: ["sha256"], aliases: ["checksum_algo", "checksum"]),
        Parameter("get_mime", "accepted for Ansible's sake", aliases: ["mime"]),
        Parameter("get_attributes", "accepted for Ansible's sake", aliases: ["attributes"]),
    ]

    private let path: String
    private let follow: Bool

    init(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws {
        path = try arguments.absolutePath("path")
        follow = try arguments.bool("follow", default: false)
    }

    var probe: Probe? { Probe(FileState.script(path, follow: follow)) }

    func perform(_ work: StepWork) async throws -> StepResult {
        guard let seen = work.seen, seen.succeeded else {
            throw work.seen?.complaint(failing: "look at \(path)") ?? Diagnostic(code: "internal", "nothing is known of \(path)")
        }
        return StepResult(values: ["stat": .map(Self.values(FileState(parsing: seen.stdout.text)))])
    }

    private static func values(_ state: FileState) -> ValueMap {
        guard state.kind != .absent else { return ["exists": false] }
        var map: ValueMap = [
            "exists": true, "path": .string(state.path), "mode": .string(FileMode.octal(state.bits)),
            "isdir": .bool(state.kind == .directory), "isreg": .bool(state.kind == .file),
            "islnk": .bool(state.kind == .link), "uid": .int(state.uid), "gid": .int(state.gid),
            "pw_name": .string(state.owner), "gr_name": .string(state.group), "size": .int(state.size),
            "mtime": .int(state.modified), "executable": .bool(state.bits & 0o111 != 0),
            "readable": .bool(state.bits & 0o444 != 0), "writeable": .bool(state.bits & 0o222 != 0),
        ]
        if state.kind == .file { map["checksum"] = .string(state.sha256) }
        if state.kind == .link { map["lnk_target"] = .string(state.target) }
        return map
    }
}
