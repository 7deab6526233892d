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
    public init(descriptor: Int32) {
        self.init { text in
            // Throws on a closed pipe if SIGPIPE is ignored, as it is in this program.
            try? FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).write(contentsOf: Data(text.utf8))
        }
    }
}
