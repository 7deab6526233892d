import OpsTransport
import Synchronization

/// The time that connecting may take; stands still while a person is asked.
final class Deadline: Sendable {
    private struct State {
        var end: ContinuousClock.Instant
        var questions = 0
        var pausedSince: ContinuousClock.Instant?
    }

    private let limit: Duration
    private let state: Mutex<State>

    init(_ limit: Duration) {
        self.limit = limit
        state = Mutex(State(end: .now + limit))
    }

    /// Runs `body` and cancels it when the time is over.
    /// - Throws: `.connectTimedOut` then; otherwise what `body` throws.
    func run<Value: Sendable>(
        peer: String, _ body: @escaping @Sendable () async throws(TransportError) -> Value
    ) async throws(TransportError) -> Value {
        typealias Outcome = Result<Value, TransportError>
        let first: Outcome? = await withTaskGroup(of: Outcome?.self) { group in
            group.addTask {
                do throws(TransportError) { return .success(try await body()) } catch { return .failure(error) }
            }
            group.addTask { [self] in await expired() ? .failure(.connectTimedOut(peer: peer, after: limit)) : nil }
            var first: Outcome?
            while first == nil, let next = await group.next() { first = next }
            group.cancelAll()
            return first
        }
        return try (first ?? .failure(.cancelled(peer: peer))).get()
    }

    /// Stops the time while `question` is being answered.
    func paused<Value>(_ question: () async -> Value) async -> Value {
        state.withLock { state in
            state.questions += 1
            if state.questions == 1 { state.pausedSince = .now }
        }
        defer {
            state.withLock { state in
                state.questions -= 1
                guard state.questions == 0, let since = state.pausedSince else { return }
                state.end += .now - since
                state.pausedSince = nil
            }
        }
        return await question()
    }

    /// Waits for the end; false if the task is cancelled before.
    private func expired() async -> Bool {
        while !Task.isCancelled {
            let left = state.withLock { state in
                state.pausedSince == nil ? state.end - .now : max(state.end - .now, .milliseconds(100))
            }
            if left <= .zero { return true }
            try? await Task.sleep(for: left)
        }
        return false
    }
}
