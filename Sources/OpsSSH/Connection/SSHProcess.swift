import OpsTransport

/// A program started over SSH, or the far end of a forwarded connection.
final class SSHProcess: RemoteProcess {
    private let connection: SSHConnection
    let id: Int

    init(connection: SSHConnection, id: Int) {
        self.connection = connection
        self.id = id
    }

    /// A process that nobody holds any more must not keep its channel.
    deinit {
        let (connection, id) = (connection, id)
        connection.loop.execute { connection.assumeIsolated { $0.release(id) } }
    }

    func write(_ bytes: [UInt8]) async throws(TransportError) { try await connection.write(bytes, to: id) }

    func finishInput() async throws(TransportError) { try await connection.finishInput(of: id) }

    func read() async throws(TransportError) -> OutputChunk? { try await connection.read(from: id) }

    func wait() async throws(TransportError) -> ProcessEnd {
        let end = try await connection.end(of: id)
        await close()
        return end
    }

    func close() async { await connection.release(id) }
}
