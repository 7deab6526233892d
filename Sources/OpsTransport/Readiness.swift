import Dispatch
import Foundation
import OpsProcess
import Synchronization

/// One wait for descriptors to become ready; no thread is held while it lasts.
final class Readiness: Sendable {
    private struct State {
        var sources: [any DispatchSourceProtocol] = []
        var open = 0
        var cancelled = false
        var continuation: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "readiness")

    /// Returns when one of the descriptors can be read from or written to, has ended, or `cancel` was called.
    ///
    /// A `Readiness` waits once. Dispatch demands that a descriptor stays open until its source's cancel
    /// handler has run, hence the count.
    func wait(reading: [Descriptor] = [], writing: [Descriptor] = []) async {
        await withCheckedContinuation { continuation in
            let nothingToWaitFor = state.withLock { state in
                state.continuation = continuation
                state.sources += reading.map { $0.readSource(on: queue) }
                state.sources += writing.map { $0.writeSource(on: queue) }
                state.open = state.sources.count
                for source in state.sources {
                    source.setEventHandler { self.cancel() }
                    source.setCancelHandler { self.sourceClosed() }
                    source.activate()
                    if state.cancelled { source.cancel() }
                }
                return state.sources.isEmpty
            }
            if nothingToWaitFor { continuation.resume() }
        }
    }

    /// Ends the wait now, or as soon as it begins.
    func cancel() {
        state.withLock { state in
            state.cancelled = true
            state.sources.forEach { $0.cancel() }
        }
    }

    private func sourceClosed() {
        let continuation = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.open -= 1
            guard state.open == 0 else { return nil }
            defer { state.continuation = nil }
            state.sources = []
            return state.continuation
        }
        continuation?.resume()
    }
}

extension Descriptor {
    fileprivate func readSource(on queue: DispatchQueue) -> any DispatchSourceProtocol {
        DispatchSource.makeReadSource(fileDescriptor: rawValue, queue: queue)
    }

    fileprivate func writeSource(on queue: DispatchQueue) -> any DispatchSourceProtocol {
        DispatchSource.makeWriteSource(fileDescriptor: rawValue, queue: queue)
    }
}
