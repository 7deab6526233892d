import NIOSSL
import OpsCore
import OpsTransport

/// A small HTTP/1.1 client whose sockets somebody else opens: through an SSH session, most often.
///
/// Connections are kept and used again. Any number of tasks may send at once; each has a connection of its own.
public actor HTTPClient {
    /// Opens a connected socket. It has to heed cancellation, for timeouts to hold.
    public typealias Dial = @Sendable (Endpoint) async throws -> SocketDescriptor

    /// Which servers are trusted over TLS.
    public enum Trust: Sendable, Hashable {
        /// The system's certificate authorities.
        case system
        /// The authorities in a PEM file.
        case file(String)
        /// Anybody. Only for a user who says so.
        case anybody
    }

    /// Idle connections kept per server.
    private static let mostIdle = 16

    private let dial: Dial
    private let trust: Trust
    private var tls: NIOSSLContext?
    private var idle: [Route: [HTTPConnection]] = [:]
    private var isClosed = false

    private struct Route: Hashable {
        var endpoint: Endpoint
        var isTLS: Bool
        var host: String
    }

    public init(trust: Trust = .system, dial: @escaping Dial) {
        self.trust = trust
        self.dial = dial
    }

    /// A client whose connections come from a host.
    public init(through session: HostSession, trust: Trust = .system) {
        self.init(trust: trust) { try await session.connect(to: $0) }
    }

    /// A client for a server that is known to be out of reach: every request fails with the reason.
    public static func unreachable(because reason: String) -> HTTPClient {
        HTTPClient { endpoint in throw HTTPError.connectFailed(url: "\(endpoint)", reason: reason) }
    }

    /// A client that nobody holds any more must not keep its connections.
    deinit {
        for connection in idle.values.joined() { connection.close() }
    }

    /// Sends a request and gives the answer, whatever its status.
    /// - Throws: `HTTPError`; `TransportError` if the way to the server is gone.
    public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        let began = ContinuousClock.now
        do {
            var response = try await withDeadline(
                request.timeout, error: HTTPError.timedOut(url: "\(request.url)", after: request.timeout)
            ) {
                try await self.follow(request)
            }
            response.duration = began.duration(to: .now)
            return response
        } catch _ where Task.isCancelled {
            throw HTTPError.cancelled(url: "\(request.url)")
        }
    }

    /// Closes idle connections. Requests that are under way end by themselves.
    public func close() {
        isClosed = true
        for connection in idle.values.joined() { connection.close() }
        idle = [:]
    }

    private func follow(_ request: HTTPRequest) async throws -> HTTPResponse {
        var request = request
        while true {
            let response = try await exchange(request)
            guard request.redirects > 0, ["GET", "HEAD"].contains(request.method), let location = response.redirect,
                let next = request.url.resolving(location)
            else { return response }
            if next.authority != request.url.authority || next.isTLS != request.url.isTLS { request.credentials = nil }
            request.url = next
            request.redirects -= 1
        }
    }

    private func exchange(_ request: HTTPRequest) async throws -> HTTPResponse {
        let route = Route(endpoint: request.url.endpoint, isTLS: request.url.isTLS, host: request.url.host)
        if let connection = takeIdle(route) {
            do {
                return try await exchange(request, on: connection, route)
            } catch HTTPError.closed where request.isIdempotent && !Task.isCancelled {
                // The server closed the connection just when it was to be used again.
            }
        }
        return try await exchange(request, on: open(request.url), route)
    }

    private func exchange(_ request: HTTPRequest, on connection: HTTPConnection, _ route: Route) async throws
        -> HTTPResponse
    {
        let answer = try await connection.send(request)
        if answer.isReusable, !isClosed, idle[route, default: []].count < Self.mostIdle {
            idle[route, default: []].append(connection)
        } else {
            connection.close()
        }
        return answer.response
    }

    private func takeIdle(_ route: Route) -> HTTPConnection? {
        while let connection = idle[route]?.popLast() {
            if connection.isOpen { return connection }
        }
        return nil
    }

    private func open(_ url: HTTPURL) async throws -> HTTPConnection {
        let tls = url.isTLS ? try tlsContext(url) : nil
        let socket: SocketDescriptor
        do {
            socket = try await dial(url.endpoint)
        } catch TransportError.channelRefused(_, _, let reason) {
            throw HTTPError.connectFailed(url: "\(url)", reason: reason)
        }
        do {
            return try await HTTPConnection.open(socket, to: url, tls: tls)
        } catch {
            throw HTTPError.connectFailed(url: "\(url)", reason: "\(error)")
        }
    }

    private func tlsContext(_ url: HTTPURL) throws -> NIOSSLContext {
        if let tls { return tls }
        var configuration = TLSConfiguration.makeClientConfiguration()
        switch trust {
        case .system: break
        case .file(let path): configuration.trustRoots = .file(path)
        case .anybody: configuration.certificateVerification = .none
        }
        do {
            let context = try NIOSSLContext(configuration: configuration)
            tls = context
            return context
        } catch {
            throw HTTPError.insecure(url: "\(url)", reason: "the trusted certificates cannot be read: \(error)")
        }
    }
}
