import OpsCore

/// Every dashboard that must be there came from its file, and its panels show something.
public struct DashboardsCheck: Sendable {
    private let expected: Set<String>
    private let optionalPanels: Set<String>

    /// - Parameters:
    ///   - expected: their uids.
    ///   - optionalPanels: panels that may be empty, as `uid/title`; a title alone means it on every dashboard.
    public init(expected: Set<String>, optionalPanels: Set<String> = []) {
        self.expected = expected
        self.optionalPanels = optionalPanels
    }

    /// What was found out about one dashboard.
    private struct Finding {
        var checks: [Check]
        /// Nil if Grafana did not give it.
        var isFromFile: Bool?
    }

    /// Asks once.
    /// - Parameters:
    ///   - prometheus: where the panels' PromQL is tried; nil leaves it out.
    ///   - loki: where their LogQL is tried; nil leaves it out.
    public func run(
        with grafana: GrafanaClient, prometheus: PrometheusClient? = nil, loki: LokiClient? = nil
    ) async throws -> [Check] {
        var present: Set<String>?
        let listed = try await checking("grafana", "dashboards", expected: wanted) {
            Set(try await grafana.dashboards().map(\.uid))
        } _: { found in
            present = expected.intersection(found)
            return [presence(expected.intersection(found))]
        }
        guard let present else { return listed + unknown(because: listed[0].actual).dropFirst() }
        let sources = PanelQueries.Sources(prometheus: prometheus, loki: loki)
        var findings: [String: Finding] = [:]
        for uid in expected.sorted() {
            findings[uid] = present.contains(uid)
                ? try await look(at: uid, grafana, sources)
                : Finding(checks: [Self.unknownPanels(uid, because: "the dashboard is missing")])
        }
        return listed + [origin(findings)] + findings.sorted { $0.key < $1.key }.flatMap(\.value.checks)
    }

    /// The dashboards as ones that nobody could look at.
    public func unknown(because reason: String) -> [Check] {
        [
            .unknown("grafana", "dashboards", expected: wanted, because: reason),
            .unknown("grafana", "dashboards from files", expected: "\(expected.count)", because: reason),
        ] + expected.sorted().map { Self.unknownPanels($0, because: reason) }
    }

    private static func unknownPanels(_ uid: String, because reason: String) -> Check {
        .unknown("dashboard \(uid)", "panels", expected: "with data", because: reason)
    }

    private var wanted: String { "\(expected.count) present" }

    private func presence(_ present: Set<String>) -> Check {
        let missing = expected.subtracting(present).sorted()
        return Check(
            "grafana", "dashboards", expected: wanted, actual: "\(present.count) present", passes: missing.isEmpty,
            details: missing.prefix(10).map { "missing: \($0)" })
    }

    private func origin(_ findings: [String: Finding]) -> Check {
        let seen = findings.compactMapValues(\.isFromFile)
        let edited = seen.filter { !$0.value }.keys.sorted()
        return Check(
            "grafana", "dashboards from files", expected: "\(seen.count)", actual: "\(seen.count - edited.count)",
            passes: edited.isEmpty,
            details: edited.prefix(10).map { "made or changed by somebody: \(HTTPResponse.excerpt($0, limit: 60))" })
    }

    private func look(at uid: String, _ grafana: GrafanaClient, _ sources: PanelQueries.Sources) async throws -> Finding {
        var queries: PanelQueries?
        var finding = Finding(checks: [])
        finding.checks = try await checking("dashboard \(uid)", "panels", expected: "with data") {
            try await grafana.dashboard(uid: uid)
        } _: { dashboard in
            queries = PanelQueries(dashboard, optional: optionalPanels)
            finding.isFromFile = dashboard.meta.provisioned == true
            return []
        }
        if let queries, sources.prometheus != nil || sources.loki != nil {
            finding.checks.append(try await queries.check(sources))
        }
        return finding
    }
}
