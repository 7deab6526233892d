import Dispatch
import Foundation
import Synchronization

/// An open file descriptor that is closed when its last user lets go of it.
final class Descriptor: Sendable {
    let rawValue: CInt

    /// Takes ownership of `rawValue`.
    init(_ rawValue: CInt) { self.rawValue = rawValue }

    deinit { _ = close(rawValue) }

    /// Makes reads and writes return at once instead of waiting.
    func setNonBlocking() {
        _ = fcntl(rawValue, F_SETFL, fcntl(rawValue, F_GETFL) | O_NONBLOCK)
    }

    /// A pipe, both ends closed in programs that are started later.
    static func pipe() throws(SystemError) -> (reading: Descriptor, writing: Descriptor) {
        Self.ignoreBrokenPipes
        return try ChildProcess.spawning.withLock { _ throws(SystemError) in
            var ends: [CInt] = [-1, -1]
            guard Foundation.pipe(&ends) == 0 else { throw SystemError(errno) }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            return (Descriptor(ends[0]), Descriptor(ends[1]))
        }
    }

    /// A pipe whose reader has gone is told by `write`; the signal would end this program.
    private static let ignoreBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

    enum Transfer {
        case bytes(Int)
        case wouldBlock
        case ended
    }

    /// Reads what is there, up to the buffer's size.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
        while true {
            let count = Foundation.read(rawValue, buffer.baseAddress, buffer.count)
            if count > 0 { return .bytes(count) }
            if count == 0 { return .ended }
            if errno == EINTR { continue }
            return errno == EAGAIN || errno == EWOULDBLOCK ? .wouldBlock : .ended
        }
    }

    /// Writes as much as fits. `ended` if nobody reads any more.
    func write(_ bytes: UnsafeRawBufferPointer) -> Transfer {
        while true {
            let count = Foundation.write(rawValue, bytes.baseAddress, bytes.count)
            if count >= 0 { return .bytes(count) }
            if errno == EINTR { continue }
            return errno == EAGAIN || errno == EWOULDBLOCK ? .wouldBlock : .ended
        }
    }
}

/// An `errno` with its text.
struct SystemError: Error, CustomStringConvertible {
    let code: CInt

    init(_ code: CInt) { self.code = code }

    var description: String { String(cString: strerror(code)) }
}

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
