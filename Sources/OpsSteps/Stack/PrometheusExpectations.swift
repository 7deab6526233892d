import OpsCore
import OpsMonitoring
import OpsProject

/// What the step's arguments ask of Prometheus.
struct PrometheusExpectations {
    private(set) var checks: [@Sendable (PrometheusClient) async throws -> [Check]] = []

    init(_ arguments: ArgumentReader) throws {
        if !Self.leavesTargetsOut(arguments) { try addTargets(arguments) }
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

    /// Whether the step only asks queries, or what targets export.
    static func leavesTargetsOut(_ arguments: ArgumentReader) -> Bool {
        arguments.value("targets") == nil && (arguments.value("queries") != nil || arguments.value("exports") != nil)
    }

    /// What each target must export.
    static func contracts(_ arguments: ArgumentReader) throws -> [MetricsContractCheck] {
        try (arguments.list("exports") ?? []).map { item in
            guard let job = item["job"]?.string, let instance = item["instance"]?.string, let metrics = item["metrics"]?.list else {
                throw arguments.complaint("exports", code: "wrong-type", "'exports' must be a list of {job, instance, metrics}")
            }
            return MetricsContractCheck(target: .init(job: job, instance: instance), metrics: metrics.compactMap(\.string))
        }
    }

    private mutating func addTargets(_ arguments: ArgumentReader) throws {
        let expected = try Self.targets("targets", arguments)
        let down = try Self.targets("expected_down", arguments) ?? []
        let addresses = (expected ?? []).compactMap { target, address in address.map { (target, $0) } }
        let targets = TargetsCheck(
            expected: expected.map { Set($0.map(\.target)) }, addresses: Dictionary(addresses) { $1 },
            expectedDown: Set(down.map(\.target)))
        checks.append { try await targets.run(with: $0) }
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

    private static func group(_ name: Value, _ rules: Value, _ arguments: ArgumentReader) throws -> (String, [ExpectedRule]) {
        let list = (rules.list ?? []).map(ExpectedRule.init)
        guard let name = name.string, rules.list != nil, !list.contains(nil) else {
            throw arguments.complaint("rules", code: "wrong-type", "'rules' must map each group to a list of names or rules")
        }
        return (name, list.compactMap { $0 })
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

extension ExpectedRule {
    /// A name, or a rule as a rule file has it.
    fileprivate init?(_ value: Value) {
        if let name = value.string {
            self.init(name: name)
            return
        }
        guard let name = value["alert"]?.string ?? value["record"]?.string else { return nil }
        self.init(
            name: name, expression: value["expr"]?.string ?? value["expr"]?.int.map(String.init),
            pending: value["for"]?.string.flatMap { Duration(parsing: $0) } ?? .zero, labels: value["labels"]?.words ?? [:])
    }
}
