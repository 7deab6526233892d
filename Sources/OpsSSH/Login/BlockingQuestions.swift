import Dispatch
import OpsCore
import Synchronization

/// Asks people from a thread that may wait for them.
final class BlockingQuestions: Sendable {
    private struct State {
        var task: Task<Void, Never>?
        var isCancelled = false
    }

    private let state = Mutex(State())

    /// Blocks the thread until the question is answered; nil once `cancel` has been called.
    ///
    /// Whoever answers has to give up when its task is cancelled.
    func ask(_ question: @escaping @Sendable () async -> Secret?) -> Secret? {
        let answer = Answer()
        let isCancelled = state.withLock { state in
            if !state.isCancelled { state.task = Task { answer.give(await question()) } }
            return state.isCancelled
        }
        return isCancelled ? nil : answer.wait()
    }

    /// Ends the question that is open, and all that would come.
    func cancel() {
        let task = state.withLock { state in
            state.isCancelled = true
            return state.task
        }
        task?.cancel()
    }

    private final class Answer: Sendable {
        private let given = DispatchSemaphore(value: 0)
        private let text = Mutex<Secret?>(nil)

        func give(_ answer: Secret?) {
            text.withLock { $0 = answer }
            given.signal()
        }

        func wait() -> Secret? {
            given.wait()
            return text.withLock { $0 }
        }
    }
}
