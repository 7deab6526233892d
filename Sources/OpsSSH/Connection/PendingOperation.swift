import OpsTransport

/// An operation that waits for bytes or room, and for whom its end is.
final class PendingOperation {
    let ticket: Int
    private let attempt: (PendingOperation) -> Bool
    private var resume: ((TransportError) -> Void)?
    private let goesOnWhenCancelled: Bool
    private let cancelled: TransportError

    init<Value: Sendable>(
        _ ticket: Int, peer: String, _ attempt: @escaping () throws(TransportError) -> Value?,
        _ continuation: CheckedContinuation<Result<Value, TransportError>, Never>, _ abandoned: ((Value) -> Void)?
    ) {
        self.ticket = ticket
        cancelled = .cancelled(peer: peer)
        goesOnWhenCancelled = abandoned != nil
        resume = { continuation.resume(returning: .failure($0)) }
        self.attempt = { operation in
            do throws(TransportError) {
                guard let value = try attempt() else { return false }
                if operation.resume == nil {
                    abandoned?(value)
                } else {
                    operation.resume = nil
                    continuation.resume(returning: .success(value))
                }
            } catch {
                operation.fail(error)
            }
            return true
        }
    }

    /// One that nobody waits for.
    init(background ticket: Int, _ attempt: @escaping () -> Bool) {
        self.ticket = ticket
        self.attempt = { _ in attempt() }
        goesOnWhenCancelled = true
        cancelled = .cancelled(peer: "")
    }

    /// Tries once; true when finished.
    func advance() -> Bool { attempt(self) }

    func fail(_ error: TransportError) {
        resume?(error)
        resume = nil
    }

    /// Lets the waiting task go; true if the attempts have to go on.
    func cancel() -> Bool {
        fail(cancelled)
        return goesOnWhenCancelled
    }
}
