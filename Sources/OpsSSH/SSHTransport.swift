import NIOCore
import OpsCore
import OpsTransport
import Synchronization

/// A host reached over SSH. Made by `SSHConnector`.
///
/// Letting go of the last reference closes the connection as well.
public final class SSHTransport: Transport {
    public let peer: String
    let connection: SSHConnection
    /// The connection that carries this one, if it goes through a jump host. Shared by all that go through it.
    private let carrier: Mutex<SSHTransport?>

    init(connection: SSHConnection, carrier: SSHTransport?) {
        self.peer = connection.peer
        self.connection = connection
        self.carrier = Mutex(carrier)
    }

    deinit {
        let connection = connection
        connection.loop.execute { connection.assumeIsolated { $0.close() } }
    }

    /// Starts a program.
    /// - Throws: `.channelRefused` if the host allows no more sessions (sshd's `MaxSessions`, 10 by default).
    public func start(_ command: String) async throws(TransportError) -> any RemoteProcess {
        let process = try await open(.session, what: "a session for a command")
        await connection.execute(command, in: process.id)
        return process
    }

    /// Connects from the host, by `direct-tcpip` or `direct-streamlocal@openssh.com`.
    /// - Throws: `.channelRefused` if nothing listens there or the host doesn't allow forwarding.
    public func connect(to endpoint: Endpoint) async throws(TransportError) -> SocketDescriptor {
        let channel = try await open(endpoint)
        do {
            let (ours, theirs) = try SocketPair.make()
            let bridge = ChannelBridge(channel: channel, socket: try await SocketPair.stream(ours, on: connection.loop))
            Task { await bridge.run() }
            return SocketDescriptor(rawValue: theirs)
        } catch {
            throw .localProblem(
                peer: peer, Diagnostic(code: "no-socket", "cannot make a socket: \(SystemError.words(error))"))
        }
    }

    /// Says goodbye and ends everything started through this connection.
    public func close() async {
        await connection.close()
        carrier.withLock { $0 = nil }
    }

    public var isClosed: Bool { get async { await connection.failure != nil } }

    private func open(_ endpoint: Endpoint) async throws(TransportError) -> SSHProcess {
        switch endpoint {
        case .tcp(let host, let port): try await open(.tcp(host: host, port: port), what: "\(endpoint)")
        case .unix(let path): try await open(.unix(path: path), what: path)
        }
    }

    private func open(_ request: ChannelRequest, what: String) async throws(TransportError) -> SSHProcess {
        SSHProcess(connection: connection, id: try await connection.open(request, what: what))
    }
}
