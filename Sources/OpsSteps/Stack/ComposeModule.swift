import OpsCore
import OpsTransport

/// `compose`: the stack of a compose file runs as declared.
///
/// Recreates only what changed, reloads services whose pushed configuration changed since they last took it
/// up (a record on the host, so an interrupted run is made good by the next), and waits until every container
/// is up, with its own words if one isn't.
struct ComposeModule: StateModule {
    static let name = "compose"
    static let parameters = [
        Parameter("project_dir", "absolute directory on the host", required: true, aliases: ["project_src"]),
        Parameter("file", "compose file in it (default compose.yml)"),
        Parameter("state", "what the stack shall be (default up)", choices: ["up", "down", "restarted", "pulled"]),
        Parameter("services", "only these services"),
        Parameter("wait_timeout", "most time until every container is up (default 120 s)"),
        Parameter("remove_orphans", "remove containers of services that are gone (default true)"),
        Parameter("pull", "fetch images before starting", choices: ["missing", "always", "never"]),
    ]

    enum Target: String { case up, down, restarted, pulled }

    let directory: String
    let file: String
    let services: [String]
    let waitTimeout: Duration
    let removeOrphans: Bool
    let pull: String
    private let target: Target
    /// The compose file as this run pushes it; nil if it isn't part of a pushed tree.
    private let planned: DeclaredTree?
    let trees: PlannedTrees

    init(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws {
        directory = try arguments.absolutePath("project_dir")
        file = try arguments.string("file", default: "compose.yml")
        services = try arguments.strings("services") ?? []
        waitTimeout = try arguments.duration("wait_timeout", default: .seconds(120))
        removeOrphans = try arguments.bool("remove_orphans", default: true)
        pull = try arguments.string("pull", default: "missing")
        target = try Target(rawValue: arguments.string("state", default: "up")) ?? .up
        trees = environment.planned
        let tree = trees[directory]
        planned = tree?[file] == nil ? nil : tree
    }

    /// `docker compose` for this project, its file on the host.
    var command: String {
        "docker compose --progress quiet -f \(ShellQuoting.quote("\(directory)/\(file)")) --project-directory \(ShellQuoting.quote(directory))"
    }

    var probe: Probe? {
        Probe(ComposeState.script(directory: directory, file: file, planned: planned))
    }

    func state(_ work: StepWork) async throws -> ComposeState {
        guard let seen = work.seen else { throw Diagnostic(code: "internal", "nothing is known of \(directory)") }
        guard seen.succeeded else { throw await DockerDiagnosis.complaint(seen, work) }
        var state = try ComposeState(parsing: seen.stdout.text, file: "\(directory)/\(file)", planned: planned, composeFile: file)
        for name in trees.outdated(in: directory) { state.applied[name] = nil }
        return state
    }

    func changes(_ work: StepWork) async throws -> [Change] {
        let state = try await state(work)
        switch target {
        case .up:
            let changes = state.changes(services: services, removeOrphans: removeOrphans)
            if changes.isEmpty { try await ComposeWait(module: self, work: work).requireSettled(state.survey) }
            return changes
        case .down:
            return state.survey.containers.map { Change(.stop, "container \($0.service)", summary: "remove") }
        case .restarted:
            return state.selected(services).map { Change(.restart, "service \($0.name)") }
        case .pulled:
            return state.selected(services).filter { state.imageIDs[$0.image] == nil }.map { Change(.create, "image \($0.image)") }
        }
    }

    func apply(_ changes: [Change], _ work: StepWork) async throws -> StepResult {
        let state = try await state(work)
        let list = services.isEmpty ? "" : " " + ShellQuoting.join(services)
        switch target {
        case .up:
            return try await ComposeUp(module: self, work: work, state: state).perform(changes)
        case .down:
            try await docker("\(command) down\(removeOrphans ? " --remove-orphans" : "")", "stop the stack", work)
        case .restarted:
            await work.progress("restarting")
            try await docker("\(command) restart\(list)", "restart the stack", work)
            try await ComposeWait(module: self, work: work).untilSettled(fresh: Set(state.selected(services).map(\.name)))
        case .pulled:
            await work.progress("pulling images")
            try await docker("\(command) pull -q\(list)", "pull the images", work)
        }
        return StepResult(changes: changes)
    }

    /// Runs a docker command that must succeed.
    func docker(_ script: String, _ purpose: String, _ work: StepWork) async throws {
        let result = try await work.run(script)
        guard !result.succeeded else { return }
        throw DockerDiagnosis.complaint(failing: purpose, result)
    }
}
