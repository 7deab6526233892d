import OpsCore

/// One service's own word on whether it is up.
public struct HealthCheck: Sendable {
    public var service: String
    public var url: HTTPURL
    /// Status codes that mean healthy.
    public var statuses: ClosedRange<Int>
    /// Text that the body must contain.
    public var body: String?
    public var credentials: HTTPCredentials?
    /// For one attempt.
    public var timeout: Duration

    public init(
        service: String, url: HTTPURL, statuses: ClosedRange<Int> = 200...200, body: String? = nil,
        credentials: HTTPCredentials? = nil, timeout: Duration = .seconds(5)
    ) {
        self.service = service
        self.url = url
        self.statuses = statuses
        self.body = body
        self.credentials = credentials
        self.timeout = timeout
    }

    /// Asks once. A redirect is not followed: what it leads to is another service's health.
    /// - Throws: `TransportError`, `CancellationError`.
    public func run(with client: HTTPClient) async throws -> Check {
        let expected = expectation
        let request = HTTPRequest(url, credentials: credentials, timeout: timeout, bodyLimit: 64 * 1024)
        return try await checking(service, "health", expected: expected) {
            try await client.send(request)
        } _: { response in
            [judge(response, expected: expected)]
        }[0]
    }

    private func judge(_ response: HTTPResponse, expected: String) -> Check {
        let hasBody = body.map { response.text.contains($0) } ?? true
        let passes = statuses.contains(response.status) && hasBody
        var actual = "\(response.status)"
        var details: [String] = []
        if let redirect = response.redirect {
            actual += " to \(HTTPResponse.excerpt(redirect, limit: 200))"
            details.append("a redirect: is this the path that tells health?")
        } else if !passes {
            actual += ": " + HTTPResponse.excerpt(response.loginTrouble(credentials) ?? response.text, limit: 120)
            details.append(
                contentsOf: response.text.split(whereSeparator: \.isNewline).prefix(5).map {
                    HTTPResponse.excerpt(String($0), limit: 200)
                })
        }
        if !passes { details.insert("asked \(url)", at: 0) }
        return Check(service, "health", expected: expected, actual: actual, passes: passes, details: details)
    }

    private var expectation: String {
        let status = statuses.count == 1 ? "\(statuses.lowerBound)" : "\(statuses.lowerBound) to \(statuses.upperBound)"
        return body.map { $0.contains("\"") ? "\(status) with \($0)" : "\(status) with \"\($0)\"" } ?? status
    }
}
