import OpsCore
import OpsMonitoring
import OpsTransport

/// `health`: every service of the catalogue runs without restarts and answers its endpoint as declared, polled to a
/// deadline.
struct HealthModule: StepModule {
    static let name = "health"
    static let isReadOnly = true
    static let parameters =
        StackPlace.parameters + [
            Parameter("services", "only these (default: all that declare health)"),
            Parameter("steady", "containers must have run so long without a restart (default 0 s)"),
            Parameter("timeout", "give up after (default 60 s)"),
        ]

    private let place: StackPlace
    private let services: [String]
    private let steady: Duration
    private let timeout: Duration
    let destinations: [Endpoint]

    init(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws {
        guard let place = try StackPlace(arguments, environment) else {
            throw Diagnostic(code: "missing-argument", "'health' needs 'project_dir'", at: arguments.location)
        }
        self.place = place
        services = try arguments.strings("services") ?? []
        steady = try arguments.duration("steady", default: .zero)
        timeout = try arguments.duration("timeout", default: .seconds(60))
        destinations = place.declaredCatalogue(environment)?.services.compactMap(\.declaredEndpoint) ?? []
    }

    var probe: Probe? { place.probe }

    func perform(_ work: StepWork) async throws -> StepResult {
        if work.mode.checkMode { return .notInCheckMode }
        let first = try await RunningStack.read(work, directory: place.directory, file: place.file)
        guard !first.survey.containers.isEmpty else {
            throw Diagnostic(
                code: "not-deployed", "no container of \(place.directory) is on \(work.mode.host)", hints: ["deploy the stack first"])
        }
        let wanted = try selected(first.catalogue)
        let endpoints = ServiceEndpoints(client: HTTPClient(through: work.session), logins: try await Logins(wanted, first, work))
        let stack = LatestStack(first)
        let checks = try await Poll(timeout: first.patience(timeout), interval: .seconds(1)).checks(waiting: work.progress) {
            // A service that had no container or another one at first may have a new one by now.
            let stack = try await stack.next { try await RunningStack.again(work, directory: place.directory, file: place.file) }
            return try await endpoints.checks(wanted, stack) + [ContainerState(stack, steady: steady).check(wanted)]
        }
        return .verified(try await explained(checks, work, await stack.value))
    }

    private func selected(_ catalogue: Catalogue) throws -> [Catalogue.Service] {
        for name in services where catalogue[name] == nil {
            throw Diagnostic(
                code: "unknown-service", "the compose file has no service '\(name)'",
                hints: NearestName.hints(for: name, in: catalogue.services.map(\.name)))
        }
        return catalogue.services.filter { services.isEmpty ? $0.health != nil : services.contains($0.name) }
    }

    /// Adds the last log lines of the services that failed.
    private func explained(_ checks: [Check], _ work: StepWork, _ stack: RunningStack) async throws -> [Check] {
        var checks = checks
        for index in checks.indices where checks[index].status == .fail && checks[index].property == "health" {
            guard let container = stack.survey[checks[index].resource] else { continue }
            let log = try await work.run("docker logs --tail 10 \(container.id) 2>&1 | tail -c 4000")
            checks[index].details.append("container is \(container.description)")
            checks[index].details += log.stdout.text.split(separator: "\n").map { "log: \($0)" }
        }
        return checks
    }
}

/// The stack as last seen: the first time as known already, later asked for anew.
private actor LatestStack {
    private(set) var value: RunningStack
    private var isFresh = true

    init(_ first: RunningStack) { value = first }

    func next(_ ask: @Sendable () async throws -> RunningStack) async throws -> RunningStack {
        if isFresh { isFresh = false } else { value = try await ask() }
        return value
    }
}
