import Foundation
import OpsCore
import OpsMonitoring
import OpsTransport

/// A stack's catalogue and containers, as a verification step needs them: one script.
struct RunningStack: Sendable {
    /// Where it stands on the host.
    var directory: String
    var catalogue: Catalogue
    var survey: StackSurvey
    /// The host's own time, for the age of containers.
    var hostTime: Date

    private static let separator = "opsctl-section"
    /// Most time that a check waits for a stack with a container that has stopped.
    private static let hopelessWait = Duration.seconds(5)

    static func script(directory: String, file: String) -> String {
        """
        \(StackSurvey.script(projectDirectory: directory))echo \(separator)
        date +%s
        echo \(separator)
        cat \(ShellQuoting.quote("\(directory)/\(file)"))

        """
    }

    /// From the answer to the step's probe.
    static func read(_ work: StepWork, directory: String, file: String) async throws -> RunningStack {
        guard let seen = work.seen else { throw Diagnostic(code: "internal", "nothing is known of \(directory)") }
        guard seen.succeeded else { throw await DockerDiagnosis.complaint(seen, work) }
        return try RunningStack(parsing: seen, directory: directory, file: file)
    }

    /// Asks again, for steps that wait for containers to change.
    static func again(_ work: StepWork, directory: String, file: String) async throws -> RunningStack {
        let answer = try await work.require(script(directory: directory, file: file), to: "look at the containers")
        return try RunningStack(parsing: answer, directory: directory, file: file)
    }

    private init(parsing answer: CommandResult, directory: String, file: String) throws {
        let parts = answer.stdout.text.components(separatedBy: Self.separator + "\n")
        guard parts.count == 3 else { throw Diagnostic(code: "garbled-answer", "docker's answer about \(directory) is incomplete") }
        self.directory = directory
        survey = StackSurvey(parsing: parts[0])
        hostTime = Date(timeIntervalSince1970: Double(parts[1].trimming()) ?? 0)
        catalogue = try Catalogue(compose: parts[2], file: "\(directory)/\(file)")
    }

    /// How long a check may wait for this stack: as long as it likes, unless a container has ended or was taken
    /// away. Waiting doesn't bring that back, so the verdict can be given now.
    func patience(_ timeout: Duration) -> Duration {
        let isHopeless = catalogue.services.contains { service in
            guard let container = survey[service.name] else { return service.health != nil }
            switch container.status {
            case "exited": return container.exitCode != 0 || service.health != nil
            case "dead", "paused": return true
            default: return false
            }
        }
        return isHopeless ? min(timeout, Self.hopelessWait) : timeout
    }

    /// The service's base URL, dialled at the address that the host reaches it under.
    func url(of name: String) throws -> HTTPURL {
        guard let service = catalogue[name] else {
            throw Diagnostic(
                code: "unknown-service", "the compose file has no service '\(name)'",
                hints: NearestName.hints(for: name, in: catalogue.services.map(\.name)))
        }
        guard let container = survey[name] else {
            throw Diagnostic(code: "not-running", "service \(name) has no container")
        }
        let port = service.health?.port ?? service.tunnel?.port ?? container.published.keys.min() ?? 80
        guard let endpoint = container.endpoint(port: port, declaredHost: service.health?.host) else {
            throw Diagnostic(code: "no-address", "service \(name) is \(container.description) and has no address")
        }
        return try Self.url(service.health?.scheme ?? "http", endpoint)
    }

    static func url(_ scheme: String, _ endpoint: Endpoint) throws -> HTTPURL {
        do { return try HTTPURL("\(scheme)://\(endpoint)", endpoint: endpoint) } catch { throw error.diagnostic }
    }
}

/// Where a verification step finds the stack; shared by all that name services.
struct StackPlace: Sendable {
    var directory: String
    var file: String

    static let parameters = [
        Parameter("project_dir", "directory of the stack on the host (default: the one that this run pushed or started)"),
        Parameter("file", "compose file in it (default compose.yml)"),
    ]

    init?(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws {
        file = try arguments.string("file", default: "compose.yml")
        if arguments.value("project_dir") != nil {
            directory = try arguments.absolutePath("project_dir")
        } else if let known = environment.planned.only ?? Self.conventional(environment) {
            directory = known
        } else {
            return nil
        }
    }

    /// `stack.dir` is what the shipped playbooks call it.
    private static func conventional(_ environment: StepEnvironment) -> String? {
        (try? environment.scope.value(of: "stack"))?.flatMap { $0["dir"]?.string }
    }

    /// The stack as this run pushes it; nil if it doesn't, or if the file can't be read, which others complain about.
    func declaredCatalogue(_ environment: StepEnvironment) -> Catalogue? {
        environment.planned[directory]?[file].flatMap { compose in
            try? Catalogue(compose: String(decoding: compose.content, as: UTF8.self), file: file)
        }
    }

    var probe: Probe { Probe(RunningStack.script(directory: directory, file: file)) }
}
