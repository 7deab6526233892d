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
        guard checks.allSatisfy(\.isSettled) else { return checks + unknown(because: checks[0].actual) }
        checks += try await login(Self.configured, as: admin, expected: 200, grafana)
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

    /// The logins as ones that were not tried.
    public func unknown(because reason: String) -> [Check] {
        let refused = ["anonymous access"] + (admin.password == Self.installed.password ? [] : ["login as installed"])
        return [.unknown("grafana", Self.configured, expected: "200", because: reason)]
            + refused.map { .unknown("grafana", $0, expected: "401", because: reason) }
    }

    /// The check that all others need a login for.
    public static let configured = "login as configured"
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
