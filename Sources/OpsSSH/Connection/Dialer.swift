import NIOCore
import NIOPosix
import OpsCore
import OpsTransport

/// Opens the streams that connections run over, each with a `StreamHandler`.
struct Dialer: Sendable {
    let group: any EventLoopGroup

    /// By TCP, or from a jump host.
    func connect(to target: SSHTarget, through carrier: SSHTransport?) async throws(TransportError) -> DialedStream {
        let box = StreamHandlerBox()
        do {
            let channel =
                if let carrier {
                    try await connect(to: target, from: carrier, box)
                } else {
                    try await connect(host: target.host, port: target.port, peer: target.peer, box)
                }
            guard let stream = box.stream(channel) else { throw ChannelError.ioOnClosedChannel }
            return stream
        } catch let error as TransportError {
            throw error
        } catch {
            throw .connectFailed(peer: target.peer, reason: SystemError.words(error))
        }
    }

    private func connect(
        to target: SSHTarget, from carrier: SSHTransport, _ box: StreamHandlerBox
    ) async throws -> any Channel {
        let socket: SocketDescriptor
        do throws(TransportError) {
            socket = try await carrier.connect(to: .tcp(host: target.host, port: target.port))
        } catch .channelRefused(let jump, _, let reason) {
            throw TransportError.connectFailed(peer: target.peer, reason: "\(reason), says \(jump)")
        }
        return try await bootstrap(group.next(), box).withConnectedSocket(socket.rawValue).get()
    }

    /// Looks the name up and connects to the first address that answers.
    private func connect(
        host: String, port: Int, peer: String, _ box: StreamHandlerBox
    ) async throws -> any Channel {
        let loop = group.next()
        let arrived = loop.makePromise(of: (any Channel).self)
        return try await withTaskCancellationHandler {
            let connecting = bootstrap(loop, box).channelOption(.socketOption(.tcp_nodelay), value: 1)
                .connectTimeout(.hours(1)).connect(host: host, port: port)
            connecting.whenComplete { result in
                // A connection that comes after the caller has left is closed again.
                if case .success(let stream) = result {
                    arrived.futureResult.whenFailure { _ in stream.close(promise: nil) }
                }
                arrived.completeWith(result)
            }
            return try await arrived.futureResult.get()
        } onCancel: {
            arrived.fail(TransportError.cancelled(peer: peer))
        }
    }

    /// The water marks bound what is on its way to the host and still keep a fast line busy.
    private func bootstrap(_ loop: any EventLoop, _ box: StreamHandlerBox) -> ClientBootstrap {
        ClientBootstrap(group: loop)
            .channelOption(.writeBufferWaterMark, value: .init(low: 128 << 10, high: 512 << 10))
            .channelInitializer { box.install(in: $0) }
    }
}
