import OpsCore

/// Grafana is up, the administrator can log in, and nobody else can.
public struct GrafanaLoginCheck: Sendable {
    private let admin: HTTPCredentials
    private let triesInstalledLogin: Bool

    /// - Parameter triesInstalledLogin: false leaves that attempt out, because one was made a moment ago: every
    ///   attempt that is refused counts against a user called admin.
    public init(admin: HTTPCredentials, triesInstalledLogin: Bool = true) {
        self.admin = admin
        self.triesInstalledLogin = triesInstalledLogin
    }

    /// Asks once. The login that every Grafana is installed with is tried after the real one, also if that is refused (a
    /// data volume older than the settings has it still), and only once: five failures within five minutes lock a user
    /// out. No check is called after the user, whose name may be among
    /// the secrets and would be masked.
    public func run(with grafana: GrafanaClient) async throws -> [Check] {
        var checks = try await checking("grafana", "database", expected: "ok") {
            try await grafana.databaseHealth()
        } _: { state in
            [
                Check(
                    "grafana", "database", expected: "ok", actual: HTTPResponse.excerpt(state, limit: 60),
                    passes: state == "ok")
            ]
        }
        guard checks.allSatisfy(\.isSettled) else { return checks }
        checks += try await login("login as configured", as: admin, expected: 200, grafana)
        checks += try await login("anonymous access", as: nil, expected: 401, grafana)
        guard admin.password != Self.installed.password else { return checks }
        guard triesInstalledLogin else {
            return checks + [
                Check(
                    resource: "grafana", property: "login as installed", expected: "401",
                    actual: "tried less than 2 minutes ago", status: .skip)
            ]
        }
        return checks + (try await login("login as installed", as: Self.installed, expected: 401, grafana))
    }

    private static let installed = HTTPCredentials(user: "admin", password: Secret("admin"))

    private func login(
        _ property: String, as credentials: HTTPCredentials?, expected: Int, _ grafana: GrafanaClient
    ) async throws -> [Check] {
        try await checking("grafana", property, expected: "\(expected)") {
            try await grafana.with(credentials).loginStatus()
        } _: { status in
            [Check("grafana", property, expected: "\(expected)", actual: "\(status)", passes: status == expected)]
        }
    }
}

/// Every data source that must be there is there and healthy.
public struct DatasourcesCheck: Sendable {
    private let expected: Set<String>

    /// - Parameter expected: their uids.
    public init(expected: Set<String>) { self.expected = expected }

    /// Asks once.
    public func run(with grafana: GrafanaClient) async throws -> [Check] {
        var present: Set<String> = []
        var checks = try await checking("grafana", "data sources", expected: words(expected)) {
            Set(try await grafana.datasources().map(\.uid))
        } _: { found in
            present = found
            return [
                Check(
                    "grafana", "data sources", expected: words(expected), actual: words(found),
                    passes: expected.isSubset(of: found))
            ]
        }
        for uid in expected.intersection(present).sorted() {
            checks += try await checking("data source \(uid)", "health", expected: "OK") {
                try await grafana.datasourceHealth(uid: uid)
            } _: { health in
                let message = HTTPResponse.excerpt(health.message ?? "", limit: 200)
                return [
                    Check(
                        "data source \(uid)", "health", expected: "OK",
                        actual: HTTPResponse.excerpt(health.status, limit: 40),
                        passes: health.status == "OK", details: health.message == nil ? [] : [message])
                ]
            }
        }
        return checks
    }

    private func words(_ uids: Set<String>) -> String {
        HTTPResponse.excerpt(uids.sorted().joined(separator: ", "), limit: 300)
    }
}

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

    /// Asks once.
    /// - Parameters:
    ///   - prometheus: where the panels' PromQL is tried; nil leaves it out.
    ///   - loki: where their LogQL is tried; nil leaves it out.
    public func run(
        with grafana: GrafanaClient, prometheus: PrometheusClient? = nil, loki: LokiClient? = nil
    ) async throws -> [Check] {
        var present: Set<String> = []
        var checks = try await checking("grafana", "dashboards", expected: "\(expected.count) present") {
            Set(try await grafana.dashboards().map(\.uid))
        } _: { found in
            present = expected.intersection(found)
            let missing = expected.subtracting(found).sorted()
            return [
                Check(
                    "grafana", "dashboards", expected: "\(expected.count) present", actual: "\(present.count) present",
                    passes: missing.isEmpty, details: missing.prefix(10).map { "missing: \($0)" })
            ]
        }
        let sources = PanelQueries.Sources(prometheus: prometheus, loki: loki)
        var panels: [Check] = []
        var edited: [String] = []
        for uid in present.sorted() {
            let found = try await check(uid, grafana, sources)
            panels += found.checks
            if !found.isFromFile { edited.append(uid) }
        }
        checks.append(
            Check(
                "grafana", "dashboards from files", expected: "\(present.count)",
                actual: "\(present.count - edited.count)", passes: edited.isEmpty,
                details: edited.prefix(10).map { "made or changed by somebody: \(HTTPResponse.excerpt($0, limit: 60))" }))
        return checks + panels
    }

    private func check(
        _ uid: String, _ grafana: GrafanaClient, _ sources: PanelQueries.Sources
    ) async throws -> (isFromFile: Bool, checks: [Check]) {
        var queries: PanelQueries?
        var isFromFile = false
        var checks = try await checking("dashboard \(uid)", "panels", expected: "an answer") {
            try await grafana.dashboard(uid: uid)
        } _: { dashboard in
            queries = PanelQueries(dashboard, optional: optionalPanels)
            isFromFile = dashboard.meta.provisioned == true
            return []
        }
        if let queries, sources.prometheus != nil || sources.loki != nil {
            checks.append(try await queries.check(sources))
        }
        return (isFromFile, checks)
    }
}
