import Dispatch
import Foundation
import OpsCore
import OpsReport

/// Turns ctrl-C into the cancellation of a task; the second one ends the program at once.
enum Interruption {
    /// Runs `body` in a task that SIGINT, SIGTERM and SIGHUP cancel.
    static func guarding<T: Sendable>(
        announcing: @escaping @Sendable () async -> Void, _ body: @escaping @Sendable () async throws -> T
    ) async throws -> T {
        let task = Task { try await body() }
        let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                if task.isCancelled {
                    Sink.standardError.write(TerminalReporter.restore)
                    Opsctl.exit(withStatus: .interrupted)
                }
                task.cancel()
                Task { await announcing() }
            }
            source.resume()
            return source
        }
        defer { sources.forEach { $0.cancel() } }
        return try await task.value
    }
}
