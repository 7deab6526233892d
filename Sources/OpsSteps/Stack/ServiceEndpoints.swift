import OpsCore
import OpsMonitoring

/// The health endpoints of a stack's services, as they answer now.
struct ServiceEndpoints: Sendable {
    let client: HTTPClient
    let logins: Logins

    /// Asks each service once: for its health, and whether it refuses who has not the login that it is given.
    func checks(_ services: [Catalogue.Service], _ stack: RunningStack) async throws -> [Check] {
        try await Check.concurrently(services.map { service in { try await checks(service, stack) } })
    }

    private func checks(_ service: Catalogue.Service, _ stack: RunningStack) async throws -> [Check] {
        func failed(_ actual: String) -> [Check] {
            [Check(resource: service.name, property: "health", expected: "running", actual: actual, status: .fail)]
                + (service.login == nil ? [] : [AnonymousAccessCheck.unknown(service.name, because: actual)])
        }
        guard let container = stack.survey[service.name] else { return failed("no container") }
        guard container.status == "running" else { return failed(container.description) }
        guard let health = service.health else {
            return [
                Check(
                    resource: service.name, property: "health", expected: "running", actual: container.description,
                    status: container.health == "unhealthy" ? .fail : .pass)
            ]
        }
        guard let endpoint = container.endpoint(port: health.port, declaredHost: health.host) else { return failed("no address") }
        let url = try RunningStack.url(health.scheme, endpoint).appending(health.path)
        return try await ask(service, health, url)
    }

    private func ask(_ service: Catalogue.Service, _ health: Catalogue.Health, _ url: HTTPURL) async throws -> [Check] {
        let asked = HealthCheck(
            service: service.name, url: url, statuses: health.status...health.status, body: health.body,
            credentials: logins[service.name])
        let answer = try await asked.run(with: logins.unreadable[service.name].map(HTTPClient.unreachable(because:)) ?? client)
        guard service.login != nil else { return [answer] }
        return [answer, try await AnonymousAccessCheck(service: service.name, url: url).run(with: client)]
    }
}

/// The logins of a stack's services, read once for all attempts.
struct Logins: Sendable {
    private var credentials: [String: HTTPCredentials] = [:]
    /// Why there is none, by service.
    private(set) var unreadable: [String: String] = [:]

    init(_ services: [Catalogue.Service], _ stack: RunningStack, _ work: StepWork) async throws {
        for service in services where service.login != nil {
            do {
                credentials[service.name] = try await stack.credentials(of: service.name, work)
            } catch let reason as Diagnostic where reason.code == Catalogue.Login.unreadable {
                unreadable[service.name] = reason.message
            }
        }
    }

    subscript(service: String) -> HTTPCredentials? { credentials[service] }
}
