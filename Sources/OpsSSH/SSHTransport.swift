import NIOCore
import OpsTransport

/// A host reached over SSH.
public final class SSHTransport: Transport {
    public let peer: String
    let connection: SSHConnection
    /// The connection that carries this one, if it goes through a jump host.
    private let carrier: SSHTransport?

    init(connection: SSHConnection, carrier: SSHTransport?) {
        self.peer = connection.peer
        self.connection = connection
        self.carrier = carrier
    }

    deinit {
        let (connection, peer) = (connection, peer)
        connection.loop.execute { connection.assumeIsolated { $0.fail(.cancelled(peer: peer)) } }
    }

    public func start(_ command: String) async throws(TransportError) -> any RemoteProcess {
        let id = try await connection.open(.session, what: "a session for a command")
        let process = SSHProcess(connection: connection, id: id)
        try await connection.execute(command, in: id)
        return process
    }

    public func connect(to endpoint: Endpoint) async throws(TransportError) -> SocketDescriptor {
        throw .channelRefused(peer: peer, what: endpoint.description, reason: "not yet")
    }

    public func close() async {
        await connection.close()
        await carrier?.close()
    }
}
