import OpsCore
import OpsReport
import OpsSSH
import OpsSteps
import OpsTransport

/// A service that can be opened through a tunnel.
struct TunnelOffer: Sendable {
    var host: String
    var service: Catalogue.Service
    var tunnel: Catalogue.Tunnel
    /// Where it listens, as seen from the host; nil while its container doesn't run.
    var endpoint: Endpoint?
    var connection: ReconnectingTransport

    /// The local port to try first: the one declared, else the published one, else the service's own.
    var preferredPort: Int {
        if let port = tunnel.localPort { return port }
        if case .tcp(_, let port)? = endpoint { return port }
        return tunnel.port
    }

    func url(localPort: Int) -> String { "\(tunnel.scheme)://127.0.0.1:\(localPort)\(tunnel.path == "/" ? "" : tunnel.path)" }

    func line(localPort: Int) -> String {
        let login = tunnel.login.map { "   login: \($0)" } ?? ""
        return "\(service.name)   \(url(localPort: localPort))   on \(host)\(login)"
    }
}

/// Listens locally for one service.
struct TunnelForward {
    var offer: TunnelOffer
    var wantedPort: Int?

    func start() async throws -> LocalForward {
        guard let endpoint = offer.endpoint else {
            throw CommandFailure(
                Diagnostic(
                    code: "not-running", "\(offer.service.name) does not run on \(offer.host)",
                    hints: ["'opsctl status' says why"]),
                status: .failed)
        }
        if let wantedPort { return try await listen(wantedPort, endpoint) }
        do {
            return try await listen(offer.preferredPort, endpoint)
        } catch {
            // The usual port is taken: any free one will do.
            return try await listen(0, endpoint)
        }
    }

    private func listen(_ port: Int, _ endpoint: Endpoint) async throws -> LocalForward {
        let connection = offer.connection
        return try await LocalForward.start(.port(port), to: endpoint) { () throws(TransportError) in
            do {
                return try await connection.current()
            } catch let error as TransportError {
                throw error
            } catch {
                throw .connectFailed(
                    peer: connection.peer, reason: CommandFailure(wrapping: error).diagnostics.first?.message ?? "\(error)")
            }
        }
    }
}

/// The services that `tunnel --list` shows.
struct TunnelList {
    var offers: [TunnelOffer]

    func table(_ console: Console) -> String {
        var table = Table([.init("SERVICE"), .init("HOST"), .init("ADDRESS THERE"), .init("LOGIN")])
        for offer in offers {
            table.add([
                .init(offer.service.name), .init(offer.host), .init(offer.endpoint?.description ?? "not running"),
                .init(offer.tunnel.login ?? ""),
            ])
        }
        return table.lines(style: console.outputStyle).joined(separator: "\n")
    }
}

/// A way to a host that is made anew when it breaks, so that a tunnel survives a dropped connection.
actor ReconnectingTransport {
    private let connect: @Sendable () async throws -> any Transport
    private var transport: (any Transport)?
    private var attempt: Task<any Transport, any Error>?

    /// Who is at the other end, for messages.
    nonisolated let peer: String

    init(_ peer: String, connect: @escaping @Sendable () async throws -> any Transport) {
        self.peer = peer
        self.connect = connect
    }

    /// A transport that is open, as far as its keepalive can tell.
    func current() async throws -> any Transport {
        if let transport, await !transport.isClosed { return transport }
        await transport?.close()
        transport = nil
        if let attempt { return try await attempt.value }
        let new = Task { try await connect() }
        attempt = new
        defer { attempt = nil }
        let made = try await new.value
        transport = made
        return made
    }

    func close() async {
        attempt?.cancel()
        await transport?.close()
    }
}
