import NIOCore
import NIOPosix
import OpsTransport

/// Two byte streams joined end to end.
struct StreamPair: Sendable {
    private let client: ByteStream
    private let socket: SocketDescriptor
    private let peer: String

    init(_ client: ByteStream, _ socket: SocketDescriptor, peer: String) {
        self.client = client
        self.socket = socket
        self.peer = peer
    }

    /// Carries bytes both ways until both directions have ended, or one breaks; closes both streams.
    func run() async throws(TransportError) {
        let host: ByteStream
        do {
            host = try await SocketPair.stream(socket.rawValue, on: client.channel.eventLoop)
        } catch {
            throw .connectionLost(peer: peer, reason: SystemError.words(error))
        }
        try? await host.executeThenClose { fromHost, toHost in
            try await client.executeThenClose { fromClient, toClient in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await Self.copy(fromClient, to: toHost, of: host) }
                    group.addTask { try await Self.copy(fromHost, to: toClient, of: client) }
                    try await group.waitForAll()
                }
            }
        }
    }

    private static func copy(
        _ source: NIOAsyncChannelInboundStream<ByteBuffer>, to sink: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        of stream: ByteStream
    ) async throws {
        for try await bytes in source { try await sink.write(bytes) }
        try await stream.drain()
        sink.finish()
    }
}
