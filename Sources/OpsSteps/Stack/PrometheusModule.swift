import OpsCore
import OpsMonitoring
import OpsProject

/// `prometheus`: it scrapes exactly the expected targets and all are up; rules, configuration, alerting and
/// retention are as declared; expressions give what they should.
struct PrometheusModule: StepModule {
    static let name = "prometheus"
    static let isReadOnly = true
    static let parameters =
        ServiceAddress.parameters("prometheus") + [
            Parameter("targets", "all targets there must be: list of {job, instance, address}", aliases: ["expected_targets"]),
            Parameter("expected_down", "targets that may be down: list of {job, instance}"),
            Parameter("rules", "true: rules are loaded and healthy; or the list of all group names; or a mapping of groups to rule names"),
            Parameter("alertmanager", "address of the Alertmanager it must send to, or a list"),
            Parameter("retention", "how long data is kept, such as 30d"),
            Parameter("retention_size", "how much data is kept, such as 8GB"),
            Parameter("config_marker", "text that the running configuration must contain"),
            Parameter("queries", "list of {name, expr, expect, unit}; expect: any, empty, '> 0', '== 25'; unit: bytes, percent, seconds"),
        ]

    private let address: ServiceAddress
    private let timeout: Duration
    private let checks: [@Sendable (PrometheusClient) async throws -> [Check]]

    init(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws {
        address = try ServiceAddress(arguments, environment, service: "prometheus")
        timeout = try arguments.duration("timeout", default: .seconds(60))
        checks = try PrometheusExpectations(arguments).checks
    }

    var probe: Probe? { address.probe }

    func perform(_ work: StepWork) async throws -> StepResult {
        if work.mode.checkMode { return .notInCheckMode }
        let client = PrometheusClient(http: HTTPClient(through: work.session), url: try await address.base(work))
        let poll = try await address.poll(timeout, work)
        let asked = checks
        return .verified(try await poll.checks(waiting: work.progress) {
            try await Check.concurrently(asked.map { check in { try await check(client) } })
        })
    }
}

/// What the step's arguments ask of Prometheus.
struct PrometheusExpectations {
    private(set) var checks: [@Sendable (PrometheusClient) async throws -> [Check]] = []

    init(_ arguments: ArgumentReader) throws {
        if arguments.value("targets") != nil || arguments.value("queries") == nil { try addTargets(arguments) }
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

    /// The targets and the configuration that they stand in. A step that only asks queries leaves them out.
    private mutating func addTargets(_ arguments: ArgumentReader) throws {
        let expected = try Self.targets("targets", arguments)
        let down = try Self.targets("expected_down", arguments) ?? []
        let addresses = (expected ?? []).compactMap { target, address in address.map { (target, $0) } }
        let targets = TargetsCheck(
            expected: expected.map { Set($0.map(\.target)) }, addresses: Dictionary(addresses) { $1 },
            expectedDown: Set(down.map(\.target)))
        checks.append { try await targets.run(with: $0) }
        let configuration = ConfigurationCheck(marker: try arguments.string("config_marker"))
        checks.append { try await configuration.run(with: $0) }
    }

    private mutating func addRules(_ arguments: ArgumentReader) throws {
        let rules: RulesCheck
        switch arguments.value("rules") {
        case nil, .bool(false): return
        case .list: rules = RulesCheck(groups: Set(try arguments.strings("rules") ?? []))
        case .map(let map):
            rules = RulesCheck(rules: Dictionary(try map.map { try Self.group($0.key, $0.value, arguments) }) { $0 + $1 })
        default:
            guard try arguments.bool("rules", default: true) else { return }
            rules = RulesCheck()
        }
        checks.append { try await rules.run(with: $0) }
    }

    private static func group(_ name: Value, _ rules: Value, _ arguments: ArgumentReader) throws -> (String, [String]) {
        guard let name = name.string, let names = rules.list?.map(\.string), !names.contains(nil) else {
            throw arguments.complaint("rules", code: "wrong-type", "'rules' must map each group to a list of names")
        }
        return (name, names.compactMap { $0 })
    }

    private static func targets(
        _ name: String, _ arguments: ArgumentReader
    ) throws -> [(target: TargetsCheck.Target, address: String?)]? {
        try arguments.list(name)?.map { item in
            guard let job = item["job"]?.string, let instance = item["instance"]?.string else {
                throw arguments.complaint(name, code: "wrong-type", "'\(name)' must be a list of {job, instance}")
            }
            return (TargetsCheck.Target(job: job, instance: instance), item["address"]?.string)
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
            throw arguments.complaint(
                "queries", code: "bad-expectation", "'\(text)' is no expectation", hints: ["write any, empty, '> 0' or '== 25'"])
        }
        let word = item["unit"]?.string ?? "none"
        guard let unit = QueryCheck.Unit(rawValue: word) else {
            throw arguments.complaint("queries", code: "not-a-choice", "'\(word)' is no unit", hints: ["one of: bytes, percent, seconds"])
        }
        return QueryCheck(
            name: item["name"]?.string ?? String(expression.prefix(60)), expression: expression, expectation: expectation, unit: unit)
    }
}
