import Foundation
import NIOCore
import NIOPosix
import OpsTransport

/// Sends back what it gets, and ends when its client has ended.
final class EchoServer: Sendable {
    let port: Int
    let path: String
    private let channel: any Channel
    private let directory: TemporaryDirectory

    static func tcp() async throws -> EchoServer { try await EchoServer(unix: false) }
    static func unix() async throws -> EchoServer { try await EchoServer(unix: true) }

    private init(unix: Bool) async throws {
        directory = try TemporaryDirectory()
        path = "\(directory.path)/echo"
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Echo()) }
            }
        if unix {
            channel = try await bootstrap.bind(unixDomainSocketPath: path).get()
        } else {
            channel = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
        }
        port = channel.localAddress?.port ?? 0
    }

    deinit { channel.close(promise: nil) }

    private final class Echo: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { context.write(data, promise: nil) }
        func channelReadComplete(context: ChannelHandlerContext) { context.flush() }
        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            guard case .some(.inputClosed) = event as? ChannelEvent else { return }
            // Closing both directions drops what is still to be written.
            let channel = context.channel
            channel.writeAndFlush(ByteBuffer()).whenComplete { _ in channel.close(mode: .output, promise: nil) }
        }
    }
}

/// A client of the other end.
enum TestClient {
    typealias Stream = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private static var bootstrap: ClientBootstrap {
        ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
    }

    private static let wrap: @Sendable (any Channel) -> EventLoopFuture<Stream> = { channel in
        channel.eventLoop.makeCompletedFuture {
            try Stream(wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
        }
    }

    static func dial(_ port: Int) async throws -> Stream {
        try await bootstrap.connect(host: "127.0.0.1", port: port, channelInitializer: wrap)
    }

    static func dial(unix path: String) async throws -> Stream {
        try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: wrap)
    }

    static func exchange(_ socket: SocketDescriptor, _ payload: [UInt8]) async throws -> [UInt8] {
        try await exchange(bootstrap.withConnectedSocket(socket.rawValue, channelInitializer: wrap), payload)
    }

    /// Sends everything, ends its direction, and reads to the end, with a pause after each piece.
    static func exchange(_ stream: Stream, _ payload: [UInt8], pause: Duration = .zero) async throws -> [UInt8] {
        try await stream.executeThenClose { inbound, outbound in
            async let sent: Void = {
                if !payload.isEmpty { try await outbound.write(ByteBuffer(bytes: payload)) }
                outbound.finish()
            }()
            var answer: [UInt8] = []
            for try await bytes in inbound {
                answer += bytes.readableBytesView
                if pause > .zero { try await Task.sleep(for: pause) }
            }
            try await sent
            return answer
        }
    }
}
