import OpsCore

/// What a script on a host did: how it ended and what it said.
public struct CommandResult: Sendable, Hashable {
    /// A script run in the shared shell always `exited`; one killed by signal n gives 128 + n, as shells do.
    public var end: ProcessEnd
    public var stdout: CommandOutput
    public var stderr: CommandOutput
    /// From sending, or from the end of the script before it, to the last byte of the answer.
    public var duration: Duration

    public init(end: ProcessEnd, stdout: CommandOutput, stderr: CommandOutput, duration: Duration = .zero) {
        self.end = end
        self.stdout = stdout
        self.stderr = stderr
        self.duration = duration
    }

    /// Exit status 0; nothing else is a success.
    public var succeeded: Bool { end == .exited(0) }

    /// Bytes of output that were not kept, of both streams.
    public var droppedOutput: Int { stdout.dropped + stderr.dropped }
}

/// One output stream of a script: all of it, or its beginning and its end.
public struct CommandOutput: Sendable, Hashable {
    /// What is kept of a stream unless the caller says otherwise: 1 MiB.
    public static let defaultLimit = 1 << 20

    /// What was kept, without a mark where bytes were left out.
    public let bytes: [UInt8]
    /// How many bytes were left out between beginning and end.
    public let dropped: Int
    private let seam: Int

    /// Output that was kept whole.
    public init(_ bytes: [UInt8] = []) {
        self.init(head: bytes, tail: [], dropped: 0)
    }

    init(head: [UInt8], tail: ArraySlice<UInt8>, dropped: Int) {
        bytes = head + tail
        self.dropped = dropped
        seam = head.count
    }

    /// The output as text: bytes that are not UTF-8 are replaced, left out ones are told.
    ///
    /// It comes from the host: escape control characters before showing it.
    public var text: String {
        guard dropped > 0 else { return String(decoding: bytes, as: UTF8.self) }
        let head = String(decoding: bytes[..<seam], as: UTF8.self)
        let tail = String(decoding: bytes[seam...], as: UTF8.self)
        return head + "\n... \(dropped) bytes left out ...\n" + tail
    }
}

/// Collects output of any length in bounded memory, keeping its beginning and its end.
struct BoundedOutput {
    private let headLimit: Int
    private let tailLimit: Int
    private var head: [UInt8] = []
    private var tail: [UInt8] = []
    private var trimmed = 0

    /// - Parameter limit: how many bytes are kept at most, half of them from the beginning.
    init(limit: Int) {
        headLimit = max(0, limit / 2)
        tailLimit = max(0, limit - limit / 2)
    }

    mutating func append(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        if head.count < headLimit {
            let fitting = rest.prefix(headLimit - head.count)
            head += fitting
            rest = rest.dropFirst(fitting.count)
        }
        if rest.count > tailLimit {
            trimmed += tail.count + rest.count - tailLimit
            tail = Array(rest.suffix(tailLimit))
            return
        }
        tail += rest
        // Trimming only when the tail has doubled makes each byte move once on average.
        if tail.count > 2 * tailLimit { trim() }
    }

    /// What was collected.
    func output() -> CommandOutput {
        var copy = self
        copy.trim()
        return CommandOutput(head: copy.head, tail: copy.tail[...], dropped: copy.trimmed)
    }

    private mutating func trim() {
        let excess = tail.count - tailLimit
        guard excess > 0 else { return }
        tail.removeFirst(excess)
        trimmed += excess
    }
}
