import NIOCore
import NIOPosix
import OpsCore
import OpsTransport

/// Opens the streams that connections run over. They aren't read from until somebody asks.
struct Dialer: Sendable {
    let group: any EventLoopGroup

    /// By TCP, or from a jump host.
    func connect(to target: SSHTarget, through carrier: SSHTransport?) async throws(TransportError) -> any Channel {
        guard let carrier else { return try await connect(host: target.host, port: target.port, peer: target.peer) }
        let socket: SocketDescriptor
        do throws(TransportError) {
            socket = try await carrier.connect(to: .tcp(host: target.host, port: target.port))
        } catch .channelRefused(let jump, _, let reason) {
            throw .connectFailed(peer: target.peer, reason: "\(reason), says \(jump)")
        }
        do {
            return try await bootstrap(group.next()).withConnectedSocket(socket.rawValue).get()
        } catch {
            throw .connectFailed(peer: target.peer, reason: SystemError.words(error))
        }
    }

    /// Looks the name up and connects to the first address that answers.
    private func connect(host: String, port: Int, peer: String) async throws(TransportError) -> any Channel {
        let loop = group.next()
        let arrived = loop.makePromise(of: (any Channel).self)
        let result: Result<any Channel, any Error> = await withTaskCancellationHandler {
            let connecting = bootstrap(loop).channelOption(.socketOption(.tcp_nodelay), value: 1)
                .connectTimeout(.hours(1)).connect(host: host, port: port)
            connecting.whenComplete { result in
                // A connection that comes after the caller has left is closed again.
                if case .success(let stream) = result {
                    arrived.futureResult.whenFailure { _ in stream.close(promise: nil) }
                }
                arrived.completeWith(result)
            }
            return await arrived.futureResult.result()
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

    /// The water marks bound what is on its way to the host and still keep a fast line busy.
    private func bootstrap(_ loop: any EventLoop) -> ClientBootstrap {
        ClientBootstrap(group: loop)
            .channelOption(.autoRead, value: false)
            .channelOption(.writeBufferWaterMark, value: .init(low: 128 << 10, high: 512 << 10))
    }
}

extension EventLoopFuture where Value: Sendable {
    /// The value or the error, without throwing.
    fileprivate func result() async -> Result<Value, any Error> {
        do {
            return .success(try await get())
        } catch {
            return .failure(error)
        }
    }
}
