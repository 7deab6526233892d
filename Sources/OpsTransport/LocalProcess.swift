import Foundation
import OpsProcess
import Synchronization

/// A program of `LocalTransport` with pipes to its three standard streams.
final class LocalProcess: RemoteProcess {
    private struct State {
        var input: Descriptor?
        var output: Descriptor?
        var errors: Descriptor?
        var waits: [ObjectIdentifier: Readiness] = [:]
        /// The stream to look at first, so that a busy one doesn't starve the other.
        var errorsFirst = false
        var isClosed = false
    }

    static let chunkSize = 64 * 1024

    private let peer: String
    private let child: ChildProcess
    private let state: Mutex<State>

    init(arguments: [String], peer: String) throws(SystemError) {
        let input = try Descriptor.pipe()
        let output = try Descriptor.pipe()
        let errors = try Descriptor.pipe()
        for end in [input.writing, output.reading, errors.reading] { end.setNonBlocking() }
        child = try ChildProcess(
            arguments: arguments, input: input.reading, output: output.writing, errors: errors.writing)
        self.peer = peer
        state = Mutex(State(input: input.writing, output: output.reading, errors: errors.reading))
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    func write(_ bytes: [UInt8]) async throws(TransportError) {
        var sent = 0
        while sent < bytes.count {
            guard let input = state.withLock({ $0.input }) else { return }
            let transfer = bytes.withUnsafeBytes { input.write(UnsafeRawBufferPointer(rebasing: $0[sent...])) }
            switch transfer {
            case .bytes(let count): sent += count
            case .ended: return
            case .wouldBlock: try await ready(writing: [input])
            }
        }
    }

    func finishInput() async throws(TransportError) {
        state.withLock { $0.input = nil }
    }

    func read() async throws(TransportError) -> OutputChunk? {
        while true {
            let streams = state.withLock { state in
                state.errorsFirst.toggle()
                let pair: [(Descriptor?, Bool)] = [(state.output, false), (state.errors, true)]
                return (state.errorsFirst ? pair.reversed() : pair).compactMap { stream, isError in
                    stream.map { ($0, isError) }
                }
            }
            if streams.isEmpty { return nil }
            var ended = false
            for (stream, isError) in streams {
                switch Self.chunk(from: stream) {
                case .some(let bytes) where bytes.isEmpty:
                    ended = true
                    state.withLock { if isError { $0.errors = nil } else { $0.output = nil } }
                case .some(let bytes):
                    return isError ? .stderr(bytes) : .stdout(bytes)
                case nil:
                    break
                }
            }
            if !ended { try await ready(reading: streams.map(\.0)) }
        }
    }

    func wait() async throws(TransportError) -> ProcessEnd {
        await child.end()
    }

    func close() async {
        child.signalAll(SIGKILL)
        let waits = state.withLock { state in
            state.isClosed = true
            state.input = nil
            state.output = nil
            state.errors = nil
            return Array(state.waits.values)
        }
        waits.forEach { $0.cancel() }
    }

    /// What can be read now: nil if nothing yet, empty at the end.
    private static func chunk(from stream: Descriptor) -> [UInt8]? {
        var ended = false
        let bytes = [UInt8](unsafeUninitializedCapacity: chunkSize) { buffer, count in
            switch stream.read(into: UnsafeMutableRawBufferPointer(buffer)) {
            case .bytes(let read): count = read
            case .ended: ended = true
            case .wouldBlock: break
            }
        }
        return bytes.isEmpty && !ended ? nil : bytes
    }

    private func ready(reading: [Descriptor] = [], writing: [Descriptor] = []) async throws(TransportError) {
        let wait = Readiness()
        let closed = state.withLock { state in
            if !state.isClosed { state.waits[ObjectIdentifier(wait)] = wait }
            return state.isClosed
        }
        if closed { return }
        await withTaskCancellationHandler {
            await wait.wait(reading: reading, writing: writing)
        } onCancel: {
            wait.cancel()
        }
        state.withLock { $0.waits[ObjectIdentifier(wait)] = nil }
        if Task.isCancelled { throw .cancelled(peer: peer) }
    }
}
