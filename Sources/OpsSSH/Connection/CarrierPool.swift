import OpsTransport

/// Connections to jump hosts, shared by everything that goes through them and closed with the last of it.
actor CarrierPool {
    private struct Way: Hashable {
        var jump: SSHTarget
        var route: [SSHTarget]
    }

    private final class Weak {
        weak var transport: SSHTransport?

        init(_ transport: SSHTransport) { self.transport = transport }
    }

    private var open: [Way: Weak] = [:]
    private var turns: [Way: Semaphore] = [:]

    /// The open connection to a jump host, or a new one. Whoever comes while it is being made waits for it.
    func carrier(
        for jump: SSHTarget, route: [SSHTarget], connect: () async throws(TransportError) -> SSHTransport
    ) async throws(TransportError) -> SSHTransport {
        let way = Way(jump: jump, route: route)
        let turn = turns[way] ?? Semaphore(limit: 1)
        turns[way] = turn
        guard await turn.acquire() else { throw .cancelled(peer: jump.peer) }
        defer { turn.release() }
        if let transport = open[way]?.transport, await !transport.isClosed { return transport }
        let transport = try await connect()
        open[way] = Weak(transport)
        return transport
    }
}
