import Foundation

/// An open file descriptor that is closed when its last user lets go of it.
package final class Descriptor: Sendable {
    package let rawValue: CInt

    /// Takes ownership of `rawValue`.
    package init(_ rawValue: CInt) { self.rawValue = rawValue }

    deinit { _ = close(rawValue) }

    /// Makes reads and writes return at once instead of waiting.
    package func setNonBlocking() {
        _ = fcntl(rawValue, F_SETFL, fcntl(rawValue, F_GETFL) | O_NONBLOCK)
    }

    /// A pipe, both ends closed in programs that are started later.
    package static func pipe() throws(SystemError) -> (reading: Descriptor, writing: Descriptor) {
        Self.ignoreBrokenPipes
        return try Spawn.lock.withLock { _ throws(SystemError) in
            var ends: [CInt] = [-1, -1]
            guard Foundation.pipe(&ends) == 0 else { throw SystemError(errno) }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            return (Descriptor(ends[0]), Descriptor(ends[1]))
        }
    }

    /// What `/dev/null` is: nothing to read, anything to write.
    static func null() throws(SystemError) -> Descriptor {
        let raw = open("/dev/null", O_RDWR | O_CLOEXEC)
        guard raw >= 0 else { throw SystemError(errno) }
        return Descriptor(raw)
    }

    /// A pipe whose reader has gone is told by `write`; the signal would end this program.
    private static let ignoreBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

    package enum Transfer {
        case bytes(Int)
        case wouldBlock
        case ended
    }

    /// Reads what is there, up to the buffer's size.
    package func read(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
        while true {
            let count = Foundation.read(rawValue, buffer.baseAddress, buffer.count)
            if count > 0 { return .bytes(count) }
            if count == 0 { return .ended }
            if errno == EINTR { continue }
            return errno == EAGAIN || errno == EWOULDBLOCK ? .wouldBlock : .ended
        }
    }

    /// Writes as much as fits. `ended` if nobody reads any more.
    package func write(_ bytes: UnsafeRawBufferPointer) -> Transfer {
        while true {
            let count = Foundation.write(rawValue, bytes.baseAddress, bytes.count)
            if count >= 0 { return .bytes(count) }
            if errno == EINTR { continue }
            return errno == EAGAIN || errno == EWOULDBLOCK ? .wouldBlock : .ended
        }
    }
}
