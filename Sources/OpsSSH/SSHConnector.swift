import NIOCore
import NIOPosix
import OpsCore
import OpsTransport

/// Makes SSH connections. One connector serves a whole run: it keeps the passphrases and the limits.
public struct SSHConnector: Sendable {
    private let group: any EventLoopGroup
    private let keyring: Keyring
    private let gate: HandshakeGate

    /// - Parameters:
    ///   - group: the event loops that connections run on.
    ///   - gate: bounds the logins under way at each address.
    public init(
        prompts: LoginPrompts = .none, gate: HandshakeGate = HandshakeGate(),
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        self.group = group
        self.gate = gate
        keyring = Keyring(prompts: prompts)
    }

    /// Connects, checks the host key and logs in, through the target's jump hosts if it has any.
    ///
    /// Takes at most the target's connect timeout for each host on the way, plus what people need to answer.
    /// On failure and on cancellation nothing is left open.
    public func connect(to target: SSHTarget) async throws(TransportError) -> SSHTransport {
        let check = try HostKeyCheck(target)
        return try await withDeadline(target.connectTimeout, peer: target.peer) { () throws(TransportError) in
            let stream = try await connectStream(to: target)
            let connection = try await SSHConnection.start(peer: target.peer, on: stream)
            do throws(TransportError) {
                try await connection.handshake(check)
                try await connection.logIn(Login(target: target, keyring: keyring))
            } catch {
                await connection.close()
                throw error
            }
            return SSHTransport(connection: connection, carrier: nil)
        }
    }

    private func connectStream(to target: SSHTarget) async throws(TransportError) -> any Channel {
        try await Dialer(group: group).connect(host: target.host, port: target.port, peer: target.peer)
    }
}
