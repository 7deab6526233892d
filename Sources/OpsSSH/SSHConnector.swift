import NIOCore
import NIOPosix
import OpsCore
import OpsTransport

/// Makes SSH connections. One connector serves a whole run: it keeps the passphrases, the limits and the
/// connections to jump hosts.
public struct SSHConnector: Sendable {
    private let dialer: Dialer
    private let keyring: Keyring
    private let gate: HandshakeGate
    private let carriers = CarrierPool()

    /// - Parameters:
    ///   - prompts: asks people for passphrases and passwords.
    ///   - gate: bounds the logins under way at each address.
    ///   - group: the event loops that connections run on.
    public init(
        prompts: LoginPrompts = .none, gate: HandshakeGate = HandshakeGate(),
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        dialer = Dialer(group: group)
        self.gate = gate
        keyring = Keyring(prompts: prompts)
    }

    /// Connects, checks the host key and logs in, through the target's jump hosts if it has any.
    ///
    /// Takes at most the target's connect timeout for each host on the way, plus what people need to answer
    /// and what the gate holds it back. On failure and on cancellation nothing is left open.
    public func connect(to target: SSHTarget) async throws(TransportError) -> SSHTransport {
        guard let (last, route) = target.lastJump else { return try await connect(to: target, through: nil) }
        let carrier = try await carriers.carrier(for: last, route: route) { () async throws(TransportError) in
            var jump = last
            jump.jumps = route
            return try await connect(to: jump)
        }
        return try await connect(to: target, through: carrier)
    }

    private func connect(
        to target: SSHTarget, through carrier: SSHTransport?
    ) async throws(TransportError) -> SSHTransport {
        guard await gate.enter(target.address) else { throw .cancelled(peer: target.peer) }
        defer { gate.leave(target.address) }
        let check = try HostKeyCheck(target)
        let deadline = Deadline(target.connectTimeout)
        return try await deadline.run(peer: target.peer) { () async throws(TransportError) in
            var login = Login(target: target, keyring: keyring, deadline: deadline, isOnOwnThread: false)
            if let connection = try await logIn(login, check, dialer, through: carrier) {
                return SSHTransport(connection: connection, carrier: carrier)
            }
            login.isOnOwnThread = true
            let connection = try await logInOnOwnThread(login, check, through: carrier)
            return SSHTransport(connection: connection, carrier: carrier)
        }
    }

    /// - Returns: nil if the login has to ask questions that would block the event loop.
    private func logIn(
        _ login: Login, _ check: HostKeyCheck, _ dialer: Dialer, through carrier: SSHTransport?
    ) async throws(TransportError) -> SSHConnection? {
        let connection = try await greet(login.target, check, dialer, through: carrier)
        do throws(TransportError) {
            try await connection.logIn(login)
        } catch {
            await connection.close()
            if await connection.wantsOwnThread { return nil }
            throw error
        }
        await connection.keepAlive(login.target.keepAlive)
        return connection
    }

    /// The thread ends with the connection.
    private func logInOnOwnThread(
        _ login: Login, _ check: HostKeyCheck, through carrier: SSHTransport?
    ) async throws(TransportError) -> SSHConnection {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do throws(TransportError) {
            guard let connection = try await logIn(login, check, Dialer(group: group), through: carrier) else {
                throw .cancelled(peer: login.target.peer)
            }
            connection.stream.closeFuture.whenComplete { _ in group.shutdownGracefully { _ in } }
            return connection
        } catch {
            group.shutdownGracefully { _ in }
            throw error
        }
    }

    /// Connects and exchanges keys; tries again, more and more slowly, while the host hangs up before its
    /// greeting, which is how sshd sheds logins beyond its `MaxStartups`.
    private func greet(
        _ target: SSHTarget, _ check: HostKeyCheck, _ dialer: Dialer, through carrier: SSHTransport?
    ) async throws(TransportError) -> SSHConnection {
        var pause = Duration.milliseconds(100)
        while true {
            let stream = try await dialer.connect(to: target, through: carrier)
            let connection = try await SSHConnection.start(peer: target.peer, on: stream)
            do throws(TransportError) {
                try await connection.handshake(check)
                return connection
            } catch {
                await connection.close()
                guard await connection.wasShed, pause < .seconds(4) else { throw await connection.explained(error) }
            }
            let jitter = Double.random(in: 0.5...1.5)
            do { try await Task.sleep(for: pause * jitter) } catch { throw .cancelled(peer: target.peer) }
            pause *= 2
        }
    }
}

extension SSHTarget {
    /// What the limit on logins under way counts by.
    var address: String { "\(host.lowercased()):\(port)" }

    /// The jump host next to the target, and the way to it.
    var lastJump: (SSHTarget, route: [SSHTarget])? {
        jumps.last.map { ($0, Array(jumps.dropLast())) }
    }
}
