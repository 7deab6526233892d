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
            Parameter("optional_panels", "titles of panels that may be empty"),
            Parameter("prometheus", "where the panels' queries are tried: its name in the compose file (default prometheus)"),
        ]

    private let address: ServiceAddress
    private let admin: HTTPCredentials
    private let timeout: Duration
    private let refusesDefault: Bool
    private let datasources: Set<String>
    private let dashboards: [String]
    private let optionalPanels: Set<String>
    private let prometheus: String

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
    }

    var probe: Probe? { address.probe }

    func perform(_ work: StepWork) async throws -> StepResult {
        if work.mode.checkMode { return .notInCheckMode }
        let http = HTTPClient(through: work.session)
        let base = try await address.base(work)
        let grafana = GrafanaClient(http: http, url: base, credentials: admin)
        let poll = Poll(timeout: timeout, interval: .seconds(1))
        var checks = try await poll.checks(waiting: work.progress) {
            [try await HealthCheck(service: "grafana", url: base.appending("/api/health"), statuses: 200...200, body: nil).run(with: http)]
        }
        guard checks.allSatisfy({ $0.status == .pass }) else { return .verified(checks) }
        // Never again after a failure: five wrong logins within five minutes lock the user out.
        checks += try await login(grafana)
        guard checks.allSatisfy({ $0.status == .pass }) else { return .verified(checks) }
        let panels = try await address.base(of: prometheus, work).map { PrometheusClient(http: http, url: $0) }
        return .verified(checks + (try await poll.checks(waiting: work.progress) { try await content(grafana, panels) }))
    }

    private func login(_ grafana: GrafanaClient) async throws -> [Check] {
        if refusesDefault { return try await GrafanaLoginCheck(admin: admin).run(with: grafana) }
        let status = try await grafana.loginStatus()
        return [
            Check(
                resource: "grafana", property: "admin login", expected: "200", actual: "\(status)",
                status: status == 200 ? .pass : .fail)
        ]
    }

    private func content(_ grafana: GrafanaClient, _ prometheus: PrometheusClient?) async throws -> [Check] {
        var parts: [@Sendable () async throws -> [Check]] = []
        if !datasources.isEmpty {
            parts.append { try await DatasourcesCheck(expected: datasources).run(with: grafana) }
        }
        if !dashboards.isEmpty {
            parts.append {
                let expected = dashboards == ["all"] ? try await grafana.dashboards().map(\.uid) : dashboards
                return try await DashboardsCheck(expected: Set(expected), optionalPanels: optionalPanels)
                    .run(with: grafana, prometheus: prometheus)
            }
        }
        return try await Check.concurrently(parts)
    }
}
