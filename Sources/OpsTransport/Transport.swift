import OpsCore

/// A way to a host: it starts programs there and opens sockets from there. Nothing else.
///
/// Everything above (the framed shell, file transfer, HTTP checks, tunnels) is built from these two.
public protocol Transport: Sendable {
    /// Who is at the other end, for messages: `deploy@10.77.0.11:22`, `local`.
    var peer: String { get }

    /// Starts a program.
    /// - Parameter command: one line that the peer's login shell interprets; keep it free of anything
    ///   that shells read differently (`exec sh -c '...'` with POSIX single quotes is safe in all of them).
    func start(_ command: String) async throws(TransportError) -> any RemoteProcess

    /// Connects from the host to an endpoint that the host can reach.
    /// - Returns: a connected, non-blocking stream socket in this process; the caller owns it and closes it.
    ///   Bytes written to it reach the endpoint, and end of stream and reset are carried in both directions.
    func connect(to endpoint: Endpoint) async throws(TransportError) -> SocketDescriptor

    /// The way is gone; nothing can be started any more.
    var isClosed: Bool { get async }

    /// Ends the session and everything started through it. Never throws; safe to repeat.
    func close() async
}

extension Transport {
    /// What has no connection can't lose it.
    public var isClosed: Bool { get async { false } }
}

/// A running program at the other end of a transport.
///
/// One task writes and one task reads at a time. Reading is what makes room: a program whose output
/// isn't read is held back, so memory stays bounded whatever it prints.
///
/// Cancelling the task that waits in one of these throws `TransportError.cancelled` at once; the program
/// goes on until `close`.
public protocol RemoteProcess: Sendable {
    /// Sends bytes to standard input; returns when they have been accepted for sending.
    ///
    /// What is sent to a program that has ended, or has closed its input, is dropped without an error:
    /// how the program ended tells more.
    func write(_ bytes: [UInt8]) async throws(TransportError)

    /// Closes standard input.
    func finishInput() async throws(TransportError)

    /// The next piece of output (at most 64 KiB); nil once both streams have ended.
    func read() async throws(TransportError) -> OutputChunk?

    /// How the program ended. Call it after `read` gave nil.
    func wait() async throws(TransportError) -> ProcessEnd

    /// Stops caring: closes the channel and drops what is still to come. Safe to repeat.
    func close() async
}

/// A piece of a program's output.
public enum OutputChunk: Sendable, Equatable {
    case stdout([UInt8])
    case stderr([UInt8])
}

/// How a program ended. A connection that broke is not an ending: it's `TransportError.connectionLost`.
public enum ProcessEnd: Sendable, Hashable, Codable {
    case exited(Int)
    /// Signal name without `SIG`, such as `KILL` (RFC 4254, section 6.10).
    case signaled(String)
}

/// Something that listens, as seen from the host.
public enum Endpoint: Sendable, Hashable, CustomStringConvertible {
    case tcp(host: String, port: Int)
    case unix(path: String)

    public var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): path
        }
    }
}

/// An open socket of this process. Owned by whoever holds it: close it once.
public struct SocketDescriptor: Sendable, Hashable {
    public let rawValue: CInt

    public init(rawValue: CInt) { self.rawValue = rawValue }
}
