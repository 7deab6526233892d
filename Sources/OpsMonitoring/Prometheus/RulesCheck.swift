import OpsCore

/// A rule as a rule file has it.
public struct ExpectedRule: Sendable, Hashable {
    /// Of the alert or the record.
    public var name: String
    /// In the query language, written in any way; nil if only the name counts.
    public var expression: String?
    /// How long an alert has to be pending.
    public var pending: Duration
    public var labels: [String: String]

    public init(name: String, expression: String? = nil, pending: Duration = .zero, labels: [String: String] = [:]) {
        self.name = name
        self.expression = expression
        self.pending = pending
        self.labels = labels
    }
}

/// The rules are loaded, say what they should, and evaluate without an error.
public struct RulesCheck: Sendable {
    private let groups: Set<String>?
    private let rules: [String: [ExpectedRule]]?

    /// - Parameter groups: the names of all groups that must be loaded, no more and no less; nil asks for at
    ///   least one rule.
    public init(groups: Set<String>? = nil) {
        self.groups = groups
        rules = nil
    }

    /// - Parameter rules: by group, all rules that must be loaded, as often as each stands there.
    public init(rules: [String: [ExpectedRule]]) {
        groups = Set(rules.keys)
        self.rules = rules
    }

    /// Asks once. Rules that were not evaluated yet make it `unknown`: poll.
    public func run(with prometheus: PrometheusClient) async throws -> [Check] {
        var loaded: [PrometheusRuleGroup] = []
        let checks = try await checking("prometheus", "rules", expected: "healthy", others: subjects) {
            loaded = try await prometheus.ruleGroups()
            return loaded
        } _: { loaded in
            groupChecks(loaded) + nameChecks(loaded) + [healthCheck(loaded)]
        }
        guard let rules, !loaded.isEmpty else { return checks }
        return checks + (try await RuleDefinitions(expected: rules).run(loaded, prometheus))
    }

    /// What is told beside the health of the rules.
    private var subjects: [CheckSubject] {
        var subjects: [CheckSubject] = []
        if let groups { subjects.append(("prometheus", "rule groups", "\(groups.count)")) }
        if let rules {
            let count = "\(rules.values.reduce(0) { $0 + $1.count })"
            subjects += [("prometheus", "rule names", count), ("prometheus", RuleDefinitions.property, count)]
        }
        return subjects
    }

    private func nameChecks(_ loaded: [PrometheusRuleGroup]) -> [Check] {
        guard let rules else { return [] }
        let wanted = rules.flatMap { group, rules in rules.map { "\(group) / \($0.name)" } }
        let found = loaded.flatMap { group in group.rules.map { "\(group.name) / \($0.name)" } }
        let missing = Self.surplus(of: wanted, over: found)
        let extra = Self.surplus(of: found, over: wanted)
        var parts = ["\(found.count)"]
        if !missing.isEmpty { parts.append("\(missing.count) missing") }
        if !extra.isEmpty { parts.append("\(extra.count) not expected") }
        return [
            Check(
                "prometheus", "rule names", expected: "\(wanted.count)", actual: parts.joined(separator: ", "),
                passes: parts.count == 1,
                details: (missing.map { "missing: \($0)" } + extra.map { "not expected: \($0)" }).prefix(10).map {
                    HTTPResponse.excerpt($0, limit: 200)
                })
        ]
    }

    /// What stands in one list more often than in the other, sorted.
    private static func surplus(of names: [String], over others: [String]) -> [String] {
        var left = others.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
        return names.filter { name in
            left[name, default: 0] -= 1
            return left[name, default: 0] < 0
        }.sorted()
    }

    private func groupChecks(_ loaded: [PrometheusRuleGroup]) -> [Check] {
        guard let groups else { return [] }
        let names = Set(loaded.map(\.name))
        let missing = groups.subtracting(names).sorted()
        let extra = names.subtracting(groups).sorted()
        return [
            Check(
                "prometheus", "rule groups", expected: "\(groups.count)", actual: "\(names.count)",
                passes: missing.isEmpty && extra.isEmpty,
                details: (missing.map { "missing: \($0)" } + extra.map { "not expected: \($0)" }).prefix(10).map {
                    HTTPResponse.excerpt($0, limit: 200)
                })
        ]
    }

    private func healthCheck(_ loaded: [PrometheusRuleGroup]) -> Check {
        let rules = loaded.flatMap { group in group.rules.map { (group.name, $0) } }
        let broken = rules.filter { $0.1.health == "err" }
        let fresh = rules.filter { $0.1.health != "err" && $0.1.health != "ok" }
        let details = broken.prefix(10).map { group, rule in
            HTTPResponse.excerpt("\(group) / \(rule.name): \(rule.lastError ?? "no reason given")", limit: 300)
        }
        var check = Check(
            "prometheus", "rules", expected: "\(rules.count) healthy",
            actual: "\(rules.count - broken.count - fresh.count) healthy",
            passes: broken.isEmpty && !(rules.isEmpty && groups == nil), details: details)
        if rules.isEmpty, groups == nil { check.expected = "at least one" }
        if broken.isEmpty, !fresh.isEmpty {
            check.status = .unknown
            check.actual += ", \(fresh.count) not evaluated yet"
        }
        return check
    }
}
