import OpsCore

/// Rules that are loaded under the expected names mean what the expected ones mean: expression, pending time, labels.
struct RuleDefinitions: Sendable {
    static let property = "rule definitions"
    /// Expressions that Prometheus formats at once.
    private static let width = 8

    private struct Pair: Sendable {
        var name: String
        var expected: ExpectedRule
        var loaded: PrometheusRuleGroup.Rule
    }

    private let expected: [String: [ExpectedRule]]

    init(expected: [String: [ExpectedRule]]) { self.expected = expected }

    /// Asks once. Rules without a counterpart are left to the check of names.
    func run(_ loaded: [PrometheusRuleGroup], _ prometheus: PrometheusClient) async throws -> [Check] {
        let pairs = pairs(loaded)
        return try await checking("prometheus", Self.property, expected: "\(pairs.count)") {
            try await differences(pairs, prometheus)
        } _: { differences in
            [
                Check(
                    "prometheus", Self.property, expected: "\(pairs.count)",
                    actual: differences.isEmpty ? "\(pairs.count)" : "\(differences.count) changed", passes: differences.isEmpty,
                    details: differences.prefix(10).map { HTTPResponse.excerpt($0, limit: 400) })
            ]
        }
    }

    /// Rules of one group and name belong together in their order.
    private func pairs(_ loaded: [PrometheusRuleGroup]) -> [Pair] {
        var waiting: [String: [PrometheusRuleGroup.Rule]] = [:]
        for group in loaded {
            for rule in group.rules { waiting["\(group.name) / \(rule.name)", default: []].append(rule) }
        }
        return expected.sorted { $0.key < $1.key }.flatMap { group, rules in
            rules.compactMap { rule in
                let name = "\(group) / \(rule.name)"
                guard rule.expression != nil, let first = waiting[name]?.first else { return nil }
                waiting[name]?.removeFirst()
                return Pair(name: name, expected: rule, loaded: first)
            }
        }
    }

    private func differences(_ pairs: [Pair], _ prometheus: PrometheusClient) async throws -> [String] {
        var found: [String] = []
        for start in stride(from: 0, to: pairs.count, by: Self.width) {
            let some = pairs[start..<min(start + Self.width, pairs.count)]
            try await withThrowingTaskGroup(of: String?.self) { group in
                for pair in some { group.addTask { try await Self.difference(pair, prometheus) } }
                for try await difference in group { if let difference { found.append(difference) } }
            }
        }
        return found.sorted()
    }

    private static func difference(_ pair: Pair, _ prometheus: PrometheusClient) async throws -> String? {
        let (rule, loaded) = (pair.expected, pair.loaded)
        if let expression = rule.expression, let query = loaded.query,
            try await !means(query, expression, prometheus)
        {
            return "\(pair.name): runs \(query), pushed was \(expression)"
        }
        let pending = Duration.seconds(loaded.duration ?? 0)
        if pending != rule.pending { return "\(pair.name): pending for \(pending.brief), pushed was \(rule.pending.brief)" }
        if loaded.labels ?? [:] != rule.labels { return "\(pair.name): has other labels than were pushed" }
        return nil
    }

    /// Whether two expressions are the same to Prometheus, which shows them parsed and printed anew. It is asked only
    /// about those that differ in more than white space.
    private static func means(_ query: String, _ expression: String, _ prometheus: PrometheusClient) async throws -> Bool {
        if squeezed(query) == squeezed(expression) { return true }
        let formatted = try await prometheus.formatted(expression)
        if squeezed(query) == squeezed(formatted) { return true }
        return try await prometheus.formatted(query) == formatted
    }

    /// The expression without white space outside of its strings.
    static func squeezed(_ expression: String) -> String {
        var result = ""
        var quote: Character?
        var isEscaped = false
        for character in expression {
            if let open = quote {
                result.append(character)
                if !isEscaped, character == open { quote = nil }
                isEscaped = !isEscaped && character == "\\" && open != "`"
            } else if !character.isWhitespace {
                result.append(character)
                if "\"'`".contains(character) { quote = character }
            }
        }
        return result
    }
}
