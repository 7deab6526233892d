import NIOCore
import OpsTransport

/// One SSH session over one byte stream. The actor runs on the stream's event loop, so libssh2 is only
/// ever touched there, and whatever arrives is worked off at once without changing threads.
///
/// Operations are attempts: each is tried at once and then again whenever bytes have come in or the stream
/// has room, until it gives a value.
actor SSHConnection {
    nonisolated let peer: String
    nonisolated let loop: any EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.executor.asUnownedSerialExecutor() }

    let session: SSHSession
    nonisolated let stream: any Channel
    /// Set once, when the connection is over; every operation then fails with it.
    private(set) var failure: TransportError?
    private var pending: [PendingOperation] = []
    private var lastTicket = 0
    private(set) var bytesReceived = 0
    /// The login needs to ask a person in a way that blocks the event loop.
    var wantsOwnThread = false
    /// Keepalive's view: `bytesReceived` when it last looked, and intervals without a change.
    var bytesSeen = 0
    var silentIntervals = 0
    /// First bytes from the host, for messages about peers that speak no SSH or none that we do.
    private(set) var opening = ByteBuffer()
    /// The operation that libssh2's single place for opening channels belongs to.
    var openingTicket: Int?
    /// What has come in without being wanted will be looked at soon.
    var isProbeDue = false
    var channels: [Int: RawChannel] = [:]
    /// Programs that the host would not start.
    var refusals: [Int: TransportError] = [:]
    var scratch = [UInt8](repeating: 0, count: 64 << 10)

    /// - Parameter stream: connected; its events come through a `StreamHandler`, see `start`.
    init(peer: String, stream: any Channel) throws(TransportError) {
        self.peer = peer
        self.stream = stream
        self.loop = stream.eventLoop
        do {
            session = try SSHSession()
        } catch {
            throw .protocolViolation(peer: peer, reason: error.message)
        }
    }

    // MARK: Operations

    /// Tries `attempt` until it gives a value.
    /// - Parameters:
    ///   - refusal: what a failure of libssh2 means if it isn't the end of the connection.
    ///   - abandoned: if the task is cancelled, the attempts go on, because libssh2 must not be left in the
    ///     middle, and this takes the value.
    ///   - attempt: is given the operation's ticket; nil means "not yet". Throws `SSHFailure` or `TransportError`.
    /// - Throws: the attempt's error, the connection's failure, or `.cancelled`.
    func perform<Value: Sendable>(
        refusal: @escaping (SSHFailure) -> TransportError? = { _ in nil }, abandoned: ((Value) -> Void)? = nil,
        _ attempt: @escaping (Int) throws -> Value?
    ) async throws(TransportError) -> Value {
        if let failure { throw failure }
        if Task.isCancelled { throw .cancelled(peer: peer) }
        lastTicket += 1
        let ticket = lastTicket
        let translated = { [self] () throws(TransportError) -> Value? in
            do { return try attempt(ticket) } catch { throw translate(error, refusal) }
        }
        if let value = try firstAttempt(translated) { return value }
        let result: Result<Value, TransportError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                pending.append(PendingOperation(ticket, peer: peer, translated, continuation, abandoned))
            }
        } onCancel: {
            loop.execute { self.assumeIsolated { $0.cancel(ticket) } }
        }
        return try result.get()
    }

    private func firstAttempt<Value>(
        _ attempt: () throws(TransportError) -> Value?
    ) throws(TransportError) -> Value? {
        let waiting = session.inbound.readableBytes
        defer {
            if waiting > 0 { pump() } else { flush() }
        }
        return try attempt()
    }

    /// Goes on with `attempt` in the background, whoever asked being gone.
    func finishLater(_ attempt: @escaping () -> Bool) {
        guard failure == nil, !attempt() else { return }
        lastTicket += 1
        pending.append(PendingOperation(background: lastTicket, attempt))
        flush()
    }

    private func cancel(_ ticket: Int) {
        guard let index = pending.firstIndex(where: { $0.ticket == ticket }) else { return }
        if !pending[index].cancel() { pending.remove(at: index) }
    }

    /// Lets every pending operation try again, until a round neither takes bytes nor finishes anything.
    func pump() {
        var progress = true
        while progress, failure == nil {
            let before = session.inbound.readableBytes
            let finished = Set(pending.filter { $0.advance() }.map(\.ticket))
            pending.removeAll { finished.contains($0.ticket) }
            progress = !finished.isEmpty || session.inbound.readableBytes < before
        }
        if session.inbound.readableBytes > 0, failure == nil { drain() }
        flush()
    }

    /// Gives libssh2's outgoing bytes to the stream.
    func flush() {
        if let bytes = session.takeOutbound() { stream.writeAndFlush(bytes, promise: nil) }
    }

    // MARK: The stream's events

    func received(_ bytes: inout ByteBuffer) {
        bytesReceived += bytes.readableBytes
        if opening.readableBytes < 4096 {
            opening.writeBytes(bytes.readableBytesView.prefix(4096 - opening.readableBytes))
        }
        session.inbound.writeBuffer(&bytes)
    }

    /// What the host said before anything else.
    var greeting: String { printable(String(buffer: opening), limit: 255) }

    /// The stream is over; whatever was still waiting fails.
    func ended(_ reason: String?) {
        session.inputEnded = true
        if !pending.isEmpty { pump() }
        let words = session.disconnectReason ?? reason ?? "the host closed the connection"
        fail(.connectionLost(peer: peer, reason: words))
    }

    /// Ends the connection: every operation, waiting or coming, fails with the first error given.
    func fail(_ error: TransportError) {
        guard failure == nil else { return }
        failure = error
        session.inputEnded = true
        let waiting = pending
        pending = []
        waiting.forEach { $0.fail(error) }
        stream.close(promise: nil)
    }

    private func translate(_ error: any Error, _ refusal: (SSHFailure) -> TransportError?) -> TransportError {
        switch error {
        case let error as TransportError: error
        case let error as SSHFailure: refusal(error) ?? fatal(error)
        default: .protocolViolation(peer: peer, reason: "\(error)")
        }
    }

    /// libssh2's failure as the connection's. Everything but a refusal leaves the protocol out of step.
    func fatal(_ failure: SSHFailure) -> TransportError {
        if let known = self.failure { return known }
        let reason = session.disconnectReason ?? failure.message
        let error: TransportError =
            session.inputEnded || session.disconnectReason != nil
            ? .connectionLost(peer: peer, reason: session.disconnectReason ?? "the host closed the connection")
            : .protocolViolation(peer: peer, reason: reason)
        fail(error)
        return error
    }
}
