import OpsCore
import OpsMonitoring
import OpsProject

/// `prometheus`: it scrapes exactly the expected targets and all are up; rules, configuration, alerting and
/// retention are as declared; expressions give what they should.
struct PrometheusModule: StepModule {
    static let name = "prometheus"
    static let isReadOnly = true
    static let parameters =
        StackPlace.parameters + [
            Parameter("service", "Prometheus' name in the compose file (default prometheus)"),
            Parameter("url", "its address as the host sees it, instead of 'service'"),
            Parameter("targets", "all targets there must be: list of {job, instance}", aliases: ["expected_targets"]),
            Parameter("expected_down", "targets that may be down: list of {job, instance}"),
            Parameter("rules", "true: rules are loaded and healthy; or the list of all group names"),
            Parameter("alertmanager", "address of the Alertmanager it must send to, or a list"),
            Parameter("retention", "how long data is kept, such as 30d"),
            Parameter("retention_size", "how much data is kept, such as 8GB"),
            Parameter("config_marker", "text that the running configuration must contain"),
            Parameter("queries", "list of {name, expr, expect}; expect: any, empty, '> 0', '== 25'"),
            Parameter("timeout", "give up after (default 60 s)"),
        ]

    private let place: StackPlace?
    private let service: String
    private let url: HTTPURL?
    private let timeout: Duration
    private let checks: [@Sendable (PrometheusClient) async throws -> [Check]]

    init(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws {
        url = try arguments.url("url")
        place = url == nil ? try StackPlace(arguments, environment) : nil
        guard url != nil || place != nil else {
            throw Diagnostic(code: "missing-argument", "'prometheus' needs 'project_dir' or 'url'", at: arguments.location)
        }
        service = try arguments.string("service", default: "prometheus")
        timeout = try arguments.duration("timeout", default: .seconds(60))
        checks = try PrometheusExpectations(arguments).checks
    }

    var probe: Probe? { place?.probe }

    func perform(_ work: StepWork) async throws -> StepResult {
        if work.mode.checkMode { return StepResult(skipReason: "checks are made after a deploy, not in check mode") }
        let base = try await base(work)
        let http = HTTPClient(through: work.session)
        let client = PrometheusClient(http: http, url: base)
        let asked = checks
        return .verified(try await Poll(timeout: timeout, interval: .seconds(1)).checks(waiting: work.progress) {
            try await Check.concurrently(asked.map { check in { try await check(client) } })
        })
    }

    private func base(_ work: StepWork) async throws -> HTTPURL {
        if let url { return url }
        guard let place else { throw Diagnostic(code: "internal", "no place to look for Prometheus") }
        return try await RunningStack.read(work, directory: place.directory, file: place.file).url(of: service)
    }
}

/// What the step's arguments ask of Prometheus.
struct PrometheusExpectations {
    private(set) var checks: [@Sendable (PrometheusClient) async throws -> [Check]] = []

    init(_ arguments: ArgumentReader) throws {
        let expected = try Self.targets("targets", arguments)
        let down = try Self.targets("expected_down", arguments) ?? []
        let targets = TargetsCheck(expected: expected.map(Set.init), expectedDown: Set(down))
        checks.append { try await targets.run(with: $0) }
        let configuration = ConfigurationCheck(marker: try arguments.string("config_marker"))
        checks.append { try await configuration.run(with: $0) }
        try addRules(arguments)
        if let addresses = try arguments.strings("alertmanager"), !addresses.isEmpty {
            let alertmanagers = AlertmanagersCheck(expected: Set(try addresses.map { try Self.address($0, arguments) }))
            checks.append { try await alertmanagers.run(with: $0) }
        }
        let (time, size) = (try arguments.string("retention"), try arguments.string("retention_size"))
        if time != nil || size != nil {
            let retention = RetentionCheck(time: time, size: size)
            checks.append { try await retention.run(with: $0) }
        }
        for item in try arguments.list("queries") ?? [] {
            let query = try Self.query(item, arguments)
            checks.append { try await query.run(with: $0) }
        }
    }

    private mutating func addRules(_ arguments: ArgumentReader) throws {
        let groups: Set<String>?
        switch arguments.value("rules") {
        case nil, .bool(false): return
        case .list: groups = Set(try arguments.strings("rules") ?? [])
        default:
            guard try arguments.bool("rules", default: true) else { return }
            groups = nil
        }
        let rules = RulesCheck(groups: groups)
        checks.append { try await rules.run(with: $0) }
    }

    private static func targets(_ name: String, _ arguments: ArgumentReader) throws -> [TargetsCheck.Target]? {
        try arguments.list(name)?.map { item in
            guard let job = item["job"]?.string, let instance = item["instance"]?.string else {
                throw arguments.complaint(name, code: "wrong-type", "'\(name)' must be a list of {job, instance}")
            }
            return TargetsCheck.Target(job: job, instance: instance)
        }
    }

    private static func address(_ text: String, _ arguments: ArgumentReader) throws -> String {
        do {
            let url = try HTTPURL(text.contains("://") ? text : "http://" + text)
            return "\(url.host):\(url.port)"
        } catch {
            throw arguments.complaint("alertmanager", code: error.diagnostic.code, error.diagnostic.message)
        }
    }

    private static func query(_ item: Value, _ arguments: ArgumentReader) throws -> QueryCheck {
        guard let expression = item["expr"]?.string else {
            throw arguments.complaint("queries", code: "missing-argument", "every query needs an 'expr'")
        }
        let text = item["expect"]?.string ?? item["expect"]?.int.map(String.init) ?? "any"
        guard let expectation = QueryCheck.Expectation(text) else {
            throw arguments.complaint("queries", code: "bad-expectation", "'\(text)' is no expectation", hints: ["write any, empty, '> 0' or '== 25'"])
        }
        return QueryCheck(name: item["name"]?.string ?? String(expression.prefix(60)), expression: expression, expectation: expectation)
    }
}
