import OpsCore
import OpsMonitoring
import OpsTransport

/// A service that a step asks: where, by which client, and as whom.
struct ReachedService: Sendable {
    var url: HTTPURL
    var http: HTTPClient
    var credentials: HTTPCredentials?

    var prometheus: PrometheusClient { PrometheusClient(http: http, url: url, credentials: credentials) }
    var alertmanager: AlertmanagerClient { AlertmanagerClient(http: http, url: url, credentials: credentials) }
    var loki: LokiClient { LokiClient(http: http, url: url, credentials: credentials) }
}

extension RunningStack {
    /// A service of the stack. One that has no container, no address, or a login that can't be read is reached as well:
    /// every request then fails with that reason, so that each check is made and says it.
    /// - Parameter credentials: nil is the login that the catalogue names, if it names one.
    func reach(_ name: String, as credentials: HTTPCredentials? = nil, _ work: StepWork) async throws -> ReachedService {
        do {
            let url = try url(of: name)
            let login = if let credentials { credentials } else { try await self.credentials(of: name, work) }
            return ReachedService(url: url, http: HTTPClient(through: work.session), credentials: login)
        } catch let reason as Diagnostic where Self.reasonsOfSilence.contains(reason.code) {
            return ReachedService(url: try HTTPURL("http://localhost"), http: .unreachable(because: reason.message))
        }
    }

    private static let reasonsOfSilence = ["not-running", "no-address", Catalogue.Login.unreadable]

    /// The login of a service; nil if it needs none.
    func credentials(of name: String, _ work: StepWork) async throws -> HTTPCredentials? {
        guard let login = catalogue[name]?.login else { return nil }
        return try await login.credentials(in: directory, work)
    }
}

extension Catalogue.Login {
    /// The code of the `Diagnostic` that says so.
    static let unreadable = "login-unreadable"

    /// The login with its password, which is read on the host: a service's secrets are what was pushed with it.
    /// - Throws: a `Diagnostic` with the host's word on the file, never with what stands in it.
    func credentials(in directory: String, _ work: StepWork) async throws -> HTTPCredentials {
        let answer = try await work.run("cat \(ShellQuoting.quote("\(directory)/\(passwordFile)"))")
        guard answer.succeeded else {
            throw Diagnostic(
                code: Self.unreadable, "cannot read its login: \(answer.stderr.text.trimming())",
                hints: ["deploy puts it there; reading it takes root"])
        }
        return HTTPCredentials(user: user, password: Secret(answer.stdout.text.trimming()))
    }
}
