import OpsCore

/// A service that has a login refuses whoever comes without one.
public struct AnonymousAccessCheck: Sendable {
    public var service: String
    /// A path that is guarded.
    public var url: HTTPURL

    public init(service: String, url: HTTPURL) {
        self.service = service
        self.url = url
    }

    private static let property = "anonymous access"
    private static let expected = "401"

    /// Asks once, as nobody.
    /// - Throws: `TransportError`, `CancellationError`.
    public func run(with client: HTTPClient) async throws -> Check {
        try await checking(service, Self.property, expected: Self.expected) {
            try await client.send(HTTPRequest(url, timeout: .seconds(5), bodyLimit: 64 * 1024)).status
        } _: { status in
            [
                Check(
                    service, Self.property, expected: Self.expected, actual: "\(status)", passes: status == 401,
                    details: status == 401 ? [] : ["asked \(url) without a login"])
            ]
        }[0]
    }

    /// The check of a service that could not be asked.
    public static func unknown(_ service: String, because reason: String) -> Check {
        .unknown(service, property, expected: expected, because: reason)
    }
}
