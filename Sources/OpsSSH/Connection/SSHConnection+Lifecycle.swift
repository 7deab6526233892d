import NIOCore
import OpsTransport

extension SSHConnection {
    /// Puts a connection on a stream.
    static func start(peer: String, on stream: DialedStream) async throws(TransportError) -> SSHConnection {
        let connection = try SSHConnection(peer: peer, stream: stream.channel)
        await connection.attach(to: stream.handler)
        return connection
    }

    private func attach(to handler: NIOLoopBound<StreamHandler>) { handler.value.attach(self) }

    /// Greeting, key exchange, and the check of the host key.
    func handshake(_ check: HostKeyCheck) async throws(TransportError) {
        var algorithms = SSHAlgorithms()
        algorithms.hostKeys = check.algorithms
        do {
            try session.prefer(algorithms)
        } catch {
            throw .protocolViolation(peer: peer, reason: error.message)
        }
        try await perform(refusal: noCommonAlgorithm) { [self] _ in try session.handshake() ? () : nil }
        try check.check(session.hostKey ?? [])
    }

    private func noCommonAlgorithm(_ failure: SSHFailure) -> TransportError? {
        guard let offer = KeyExchangeOffer(opening), let what = offer.mismatch(with: session.offeredAlgorithms) else {
            return nil
        }
        let error = TransportError.connectFailed(peer: peer, reason: what)
        fail(error)
        return error
    }

    /// The host hung up before its greeting, or said in its place that it has too many logins under way.
    var wasShed: Bool {
        guard case .connectionLost = failure else { return false }
        return greeting.isEmpty || greeting.hasPrefix("Exceeded MaxStartups")
    }

    /// A failed handshake in the words that the first bytes of the host suggest.
    func explained(_ error: TransportError) -> TransportError {
        switch error {
        case .connectionLost, .protocolViolation:
            if wasShed {
                let reason = "the host keeps hanging up before its greeting (sshd's MaxStartups, or a filter)"
                return .connectFailed(peer: peer, reason: reason)
            }
            if greeting.hasPrefix("SSH-") { return error }
            return .connectFailed(peer: peer, reason: "it does not speak SSH, it says '\(greeting)'")
        default:
            return error
        }
    }

    /// Says goodbye and ends the connection; whatever is still waiting fails with `.cancelled`.
    func close() {
        guard failure == nil else { return }
        session.disconnect()
        flush()
        fail(.cancelled(peer: peer))
    }
}
