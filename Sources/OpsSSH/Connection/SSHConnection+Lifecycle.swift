import NIOCore
import OpsTransport

extension SSHConnection {
    /// Puts a connection on a stream and begins to read.
    static func start(peer: String, on stream: any Channel) async throws(TransportError) -> SSHConnection {
        let connection = try SSHConnection(peer: peer, stream: stream)
        do {
            try await stream.eventLoop.submit {
                try stream.pipeline.syncOperations.addHandler(StreamHandler(connection))
            }.get()
            try await stream.setOption(.autoRead, value: true).get()
        } catch {
            throw .connectFailed(peer: peer, reason: SystemError.words(error))
        }
        return connection
    }

    /// Greeting, key exchange, and the check of the host key.
    func handshake(_ check: HostKeyCheck) async throws(TransportError) {
        var algorithms = SSHAlgorithms()
        algorithms.hostKeys = check.algorithms
        do {
            try session.prefer(algorithms)
        } catch {
            throw .protocolViolation(peer: peer, reason: error.message)
        }
        try await perform { [self] _ in try session.handshake() ? () : nil }
        try check.check(session.hostKey ?? [])
    }

    /// Says goodbye and ends the connection; whatever is still waiting fails with `.cancelled`.
    func close() {
        guard failure == nil else { return }
        session.disconnect()
        flush()
        fail(.cancelled(peer: peer))
    }
}
