/// Runs `body`, but throws `error` once the time is up; `body` is cancelled then, and has to heed it.
///
/// When the task itself is cancelled, what `body` makes of that is thrown.
package func withDeadline<T: Sendable>(
    _ limit: Duration?, error: any Error, _ body: @escaping @Sendable () async throws -> T
) async throws -> T {
    guard let limit else { return try await body() }
    return try await withThrowingTaskGroup(of: Ending<T>.self) { group in
        group.addTask { .value(try await body()) }
        group.addTask {
            try? await Task.sleep(for: limit)
            return Task.isCancelled ? .cancelled : .timeIsUp
        }
        defer { group.cancelAll() }
        while let ending = try await group.next() {
            switch ending {
            case .value(let value): return value
            case .timeIsUp: throw error
            case .cancelled: continue
            }
        }
        throw CancellationError()
    }
}

private enum Ending<T: Sendable>: Sendable {
    case value(T)
    case timeIsUp
    case cancelled
}
