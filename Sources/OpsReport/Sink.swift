import Foundation

/// Where output goes: a stream of the process, or a test's memory.
///
/// A write takes all of the text or, when nobody reads any more, drops it: a run must not end
/// half-way because a pager was closed.
public struct Sink: Sendable {
    private let body: @Sendable (String) -> Void

    public init(_ body: @escaping @Sendable (String) -> Void) { self.body = body }

    public func write(_ text: String) {
        if !text.isEmpty { body(text) }
    }

    /// Drops everything.
    public static let nowhere = Sink { _ in }
    public static let standardOutput = Sink(descriptor: 1)
    public static let standardError = Sink(descriptor: 2)

    /// Writes to a file descriptor, unbuffered, so that two sinks on one terminal keep their order.
    ///
    /// The program must ignore SIGPIPE, or a closed pipe ends it.
    public init(descriptor: Int32) {
        self.init { text in
            var text = text
            text.withUTF8 { Self.write($0, to: descriptor) }
        }
    }

    private static func write(_ bytes: UnsafeBufferPointer<UInt8>, to descriptor: Int32) {
        var rest = UnsafeRawBufferPointer(bytes)[...]
        while !rest.isEmpty {
            let written = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if written >= 0 {
                rest = rest.dropFirst(written)
            } else if errno == EAGAIN {
                // Another program on the same terminal can make it non-blocking behind our back.
                var writable = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&writable, 1, -1)
            } else if errno != EINTR {
                return
            }
        }
    }
}
