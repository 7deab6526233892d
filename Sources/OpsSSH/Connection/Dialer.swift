import NIOCore
import NIOPosix
import OpsTransport

/// Opens TCP connections.
struct Dialer: Sendable {
    let group: any EventLoopGroup

    /// Looks the name up and connects to the first address that answers.
    /// - Returns: a stream that isn't read from yet.
    func connect(host: String, port: Int, peer: String) async throws(TransportError) -> any Channel {
        let loop = group.next()
        let arrived = loop.makePromise(of: (any Channel).self)
        let result: Result<any Channel, any Error> = await withTaskCancellationHandler {
            let connecting = ClientBootstrap(group: loop)
                .channelOption(.autoRead, value: false)
                .channelOption(.socketOption(.tcp_nodelay), value: 1)
                .channelOption(.writeBufferWaterMark, value: .init(low: 128 << 10, high: 512 << 10))
                .connectTimeout(.hours(1))
                .connect(host: host, port: port)
            connecting.cascadeFailure(to: arrived)
            // A connection that comes after the caller has left is closed again.
            connecting.whenSuccess { channel in
                arrived.futureResult.whenFailure { _ in channel.close(promise: nil) }
                arrived.succeed(channel)
            }
            return await arrived.futureResult.asResult()
        } onCancel: {
            arrived.fail(TransportError.cancelled(peer: peer))
        }
        do {
            return try result.get()
        } catch let error as TransportError {
            throw error
        } catch {
            throw .connectFailed(peer: peer, reason: SystemError.words(error))
        }
    }

}

extension EventLoopFuture where Value: Sendable {
    /// The value or the error, without throwing.
    func asResult() async -> Result<Value, any Error> {
        do {
            return .success(try await get())
        } catch {
            return .failure(error)
        }
    }
}
