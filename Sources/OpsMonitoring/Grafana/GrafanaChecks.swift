import OpsCore

/// Grafana is up, the administrator can log in, and nobody else can.
public struct GrafanaLoginCheck: Sendable {
    private let admin: HTTPCredentials

    public init(admin: HTTPCredentials) { self.admin = admin }

    /// Asks once. The login that every Grafana is installed with is tried after the real one, and only once:
    /// five failures within five minutes lock a user out.
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
        checks += try await login("admin login", as: admin, expected: 200, grafana)
        checks += try await login("anonymous access", as: nil, expected: 401, grafana)
        guard checks.allSatisfy(\.isSettled), admin.password != Self.installed.password else { return checks }
        return checks + (try await login("installed login admin/admin", as: Self.installed, expected: 401, grafana))
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
    ///   - optionalPanels: titles of panels that may be empty.
    public init(expected: Set<String>, optionalPanels: Set<String> = []) {
        self.expected = expected
        self.optionalPanels = optionalPanels
    }

    /// Asks once.
    /// - Parameter prometheus: where the panels' expressions are tried; nil leaves the panels out.
    public func run(with grafana: GrafanaClient, prometheus: PrometheusClient? = nil) async throws -> [Check] {
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
        for uid in present.sorted() { checks += try await check(uid, grafana, prometheus) }
        return checks
    }

    private func check(
        _ uid: String, _ grafana: GrafanaClient, _ prometheus: PrometheusClient?
    ) async throws -> [Check] {
        var panels: [GrafanaDashboard.Panel] = []
        var checks = try await checking("dashboard \(uid)", "source", expected: "its file") {
            try await grafana.dashboard(uid: uid)
        } _: { dashboard in
            panels = dashboard.panels
            let isProvisioned = dashboard.meta.provisioned == true
            return [
                Check(
                    "dashboard \(uid)", "source", expected: "its file",
                    actual: isProvisioned ? "its file" : "somebody's editing", passes: isProvisioned)
            ]
        }
        if let prometheus {
            checks.append(try await PanelQueries(panels, optional: optionalPanels).check(uid, prometheus))
        }
        return checks
    }
}
