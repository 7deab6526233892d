import Synchronization

/// What a session has cost so far. Exact, so that a bench can compare it.
public struct TransportStatistics: Sendable, Hashable, Codable {
    /// Programs and sockets opened on the host.
    public var channels = 0
    /// Scripts run.
    public var scripts = 0
    /// Times that somebody waited for the host to answer: scripts sent together count once.
    public var roundTrips = 0
    public var bytesSent = 0
    public var bytesReceived = 0

    public init() {}
}

/// Counts for all users of a session.
final class StatisticsCounter: Sendable {
    private let state = Mutex(TransportStatistics())

    var value: TransportStatistics { state.withLock { $0 } }

    func count(_ change: (inout sending TransportStatistics) -> Void) { state.withLock { change(&$0) } }
}

/// A process whose bytes are counted, and whose reader alone is told how it went: input that is refused
/// because the program has ended is dropped.
struct CountingProcess: RemoteProcess {
    private let process: any RemoteProcess
    private let statistics: StatisticsCounter

    init(_ process: any RemoteProcess, statistics: StatisticsCounter) {
        self.process = process
        self.statistics = statistics
    }

    func write(_ bytes: [UInt8]) async throws(TransportError) {
        statistics.count { $0.bytesSent += bytes.count }
        do throws(TransportError) {
            try await process.write(bytes)
        } catch .channelRefused {
            return
        }
    }

    func read() async throws(TransportError) -> OutputChunk? {
        let chunk = try await process.read()
        switch chunk {
        case .stdout(let bytes), .stderr(let bytes): statistics.count { $0.bytesReceived += bytes.count }
        case nil: break
        }
        return chunk
    }

    func finishInput() async throws(TransportError) {
        do throws(TransportError) {
            try await process.finishInput()
        } catch .channelRefused {
            return
        }
    }

    func wait() async throws(TransportError) -> ProcessEnd { try await process.wait() }
    func close() async { await process.close() }
}
