import OpsCore
import OpsMonitoring

/// `grafana`: the administrator can log in and nobody else, every data source works, and every dashboard is
/// there with data in its panels.
struct GrafanaModule: StepModule {
    static let name = "grafana"
    static let isReadOnly = true
    static let parameters =
        ServiceAddress.parameters("grafana") + [
            Parameter("user", "the administrator's name", required: true),
            Parameter("password", "and password", required: true),
            Parameter("refuses_default", "no login as admin/admin or as nobody (default true)"),
            Parameter("datasources", "uids that must be there and healthy"),
            Parameter("dashboards", "uids that must be there, made from files; or 'all' that there are"),
            Parameter("optional_panels", "panels that may be empty: 'uid/title', or a title for every dashboard"),
            Parameter("prometheus", "where the panels' PromQL is tried: its name in the compose file (default prometheus)"),
            Parameter("loki", "where their LogQL is tried: its name in the compose file (default loki)"),
        ]

    private let address: ServiceAddress
    private let admin: HTTPCredentials
    private let timeout: Duration
    private let refusesDefault: Bool
    private let datasources: Set<String>
    private let dashboards: [String]
    private let optionalPanels: Set<String>
    private let prometheus: String
    private let loki: String

    init(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws {
        address = try ServiceAddress(arguments, environment, service: "grafana")
        guard let user = try arguments.sensitive("user"), let password = try arguments.sensitive("password") else {
            throw Diagnostic(code: "missing-argument", "'grafana' needs 'user' and 'password'", at: arguments.location)
        }
        admin = HTTPCredentials(user: user.reveal { $0 }, password: Secret(password.reveal { $0 }))
        timeout = try arguments.duration("timeout", default: .seconds(60))
        refusesDefault = try arguments.bool("refuses_default", default: true)
        datasources = Set(try arguments.strings("datasources") ?? [])
        dashboards = try arguments.strings("dashboards") ?? []
        optionalPanels = Set(try arguments.strings("optional_panels") ?? [])
        prometheus = try arguments.string("prometheus", default: "prometheus")
        loki = try arguments.string("loki", default: "loki")
    }

    var probe: Probe? { address.probe }

    func perform(_ work: StepWork) async throws -> StepResult {
        if work.mode.checkMode { return .notInCheckMode }
        let reached = try await address.reach(work)
        let grafana = GrafanaClient(http: reached.http, url: reached.url, credentials: admin)
        let poll = try await address.poll(timeout, work)
        var checks = try await poll.checks(waiting: work.progress) {
            let health = HealthCheck(service: "grafana", url: reached.url.appending("/api/health"), statuses: 200...200, body: nil)
            return [try await health.run(with: reached.http)]
        }
        guard checks.allSatisfy({ $0.status == .pass }) else {
            return .verified(checks + unknownLogin(because: "grafana does not answer") + unknownContent(because: "grafana does not answer"))
        }
        // Never again after a failure: five wrong logins within five minutes lock the user out.
        checks += try await login(grafana, work)
        guard checks.contains(where: { $0.property == GrafanaLoginCheck.configured && $0.status == .pass }) else {
            return .verified(checks + unknownContent(because: "not without a login"))
        }
        return .verified(checks + (try await contents(grafana, poll, work)))
    }

    private func contents(_ grafana: GrafanaClient, _ poll: Poll, _ work: StepWork) async throws -> [Check] {
        let sources = PanelSources(
            prometheus: try await address.reach(prometheus, work)?.prometheus, loki: try await address.reach(loki, work)?.loki)
        return try await poll.checks(waiting: work.progress) { try await content(grafana, sources) }
    }

    /// Where panels' queries are tried; nil for a service that the stack has not.
    private struct PanelSources {
        var prometheus: PrometheusClient?
        var loki: LokiClient?
    }

    private func login(_ grafana: GrafanaClient, _ work: StepWork) async throws -> [Check] {
        if refusesDefault {
            let isDue = try await address.isDue("grafana-login", work)
            return try await GrafanaLoginCheck(admin: admin, triesInstalledLogin: isDue).run(with: grafana)
        }
        let status = try await grafana.loginStatus()
        return [
            Check(
                resource: "grafana", property: GrafanaLoginCheck.configured, expected: "200", actual: "\(status)",
                status: status == 200 ? .pass : .fail)
        ]
    }

    private func unknownLogin(because reason: String) -> [Check] {
        let login = GrafanaLoginCheck(admin: admin).unknown(because: reason)
        return refusesDefault
            ? [.unknown("grafana", "database", expected: "ok", because: reason)] + login
            : login.filter { $0.property == GrafanaLoginCheck.configured }
    }

    private func unknownContent(because reason: String) -> [Check] {
        // Which "all" are, only Grafana knows.
        let named = Set(dashboards == ["all"] ? [] : dashboards)
        return (datasources.isEmpty ? [] : DatasourcesCheck(expected: datasources).unknown(because: reason))
            + (dashboards.isEmpty ? [] : DashboardsCheck(expected: named).unknown(because: reason))
    }

    private func content(_ grafana: GrafanaClient, _ sources: PanelSources) async throws -> [Check] {
        var parts: [@Sendable () async throws -> [Check]] = []
        if !datasources.isEmpty {
            parts.append { try await DatasourcesCheck(expected: datasources).run(with: grafana) }
        }
        if !dashboards.isEmpty {
            parts.append {
                let expected = dashboards == ["all"] ? try await grafana.dashboards().map(\.uid) : dashboards
                return try await DashboardsCheck(expected: Set(expected), optionalPanels: optionalPanels)
                    .run(with: grafana, prometheus: sources.prometheus, loki: sources.loki)
            }
        }
        return try await Check.concurrently(parts)
    }
}
