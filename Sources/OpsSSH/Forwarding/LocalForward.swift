import NIOCore
import NIOPosix
import OpsCore
import OpsTransport
import Synchronization

/// Listens on this machine and carries each connection to an endpoint that a host can reach.
public final class LocalForward: Sendable {
    /// Where to listen. TCP is on 127.0.0.1 only; Unix sockets are for their owner only.
    public enum Listener: Sendable, Hashable {
        /// 0 takes any free port.
        case port(Int)
        case unix(path: String)
    }

    /// Gives the transport for a new connection. A caller that reconnects in here makes a lost connection
    /// invisible to those who connect later.
    public typealias Provider = @Sendable () async throws(TransportError) -> any Transport

    /// The port that is listened on; nil for a Unix socket.
    public let port: Int?
    private let listener: Listener
    private let server: NIOAsyncChannel<ByteStream, Never>
    private let clients: ForwardClients
    private let endpoint: Endpoint
    private let provider: Provider
    private let onFailure: @Sendable (TransportError) -> Void
    private let open = Atomic<Int>(0)
    private let task = Mutex<Task<Void, Never>?>(nil)

    /// Begins to listen.
    /// - Parameters:
    ///   - endpoint: as the host sees it.
    ///   - onFailure: told when a connection could not be carried; its client has been hung up on.
    /// - Throws: `Diagnostic` `port-taken` or `cannot-listen`.
    public static func start(
        _ listener: Listener, to endpoint: Endpoint,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        onFailure: @escaping @Sendable (TransportError) -> Void = { _ in }, through provider: @escaping Provider
    ) async throws(Diagnostic) -> LocalForward {
        let clients = ForwardClients()
        let server = try await ForwardListener.listen(listener, group: group, clients: clients)
        let forward = LocalForward(listener, server, clients, endpoint, onFailure, provider)
        forward.task.withLock { $0 = Task { await forward.serve() } }
        return forward
    }

    private init(
        _ listener: Listener, _ server: NIOAsyncChannel<ByteStream, Never>, _ clients: ForwardClients,
        _ endpoint: Endpoint, _ onFailure: @escaping @Sendable (TransportError) -> Void,
        _ provider: @escaping Provider
    ) {
        self.listener = listener
        self.server = server
        self.clients = clients
        self.endpoint = endpoint
        self.onFailure = onFailure
        self.provider = provider
        port = server.channel.localAddress?.port
    }

    /// Connections that are being carried.
    public var connections: Int { open.load(ordering: .relaxed) }

    /// Stops listening and hangs up on every connection. Safe to repeat.
    public func close() async {
        let running = task.withLock { task in
            defer { task = nil }
            return task
        }
        running?.cancel()
        await running?.value
        clients.closeAll()
        if case .unix(let path) = listener { ForwardListener.remove(path) }
    }

    private func serve() async {
        try? await server.executeThenClose { clients in
            try await withThrowingDiscardingTaskGroup { group in
                for try await client in clients { group.addTask { await self.carry(client) } }
            }
        }
    }

    private func carry(_ client: ByteStream) async {
        open.add(1, ordering: .relaxed)
        defer { open.subtract(1, ordering: .relaxed) }
        do throws(TransportError) {
            let transport = try await provider()
            let socket = try await transport.connect(to: endpoint)
            try await StreamPair(client, socket, peer: transport.peer).run()
        } catch {
            // Nothing has been exchanged yet: the client sees its connection closed.
            client.channel.close(promise: nil)
            if case .cancelled = error { return }
            onFailure(error)
        }
    }
}
