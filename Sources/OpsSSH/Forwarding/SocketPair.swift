#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif
import NIOCore
import NIOPosix

/// A stream of bytes with back-pressure in both directions.
typealias ByteStream = NIOAsyncChannel<ByteBuffer, ByteBuffer>

extension NIOAsyncChannel where Outbound == ByteBuffer {
    /// Waits until the socket has taken all that was written. Call it before the stream's direction is ended: once the
    /// other direction has ended too, NIO closes the stream at once, and what a slow reader has not taken yet is lost.
    func drain() async throws {
        try await withTaskCancellationHandler {
            // Writes are in order: nothing written is done when everything before is.
            try await channel.writeAndFlush(ByteBuffer()).get()
        } onCancel: {
            channel.close(promise: nil)
        }
    }
}

/// Sockets of this process, and NIO streams over them.
enum SocketPair {
    /// Two connected, non-blocking stream sockets that children don't inherit.
    static func make() throws -> (CInt, CInt) {
        var ends: [CInt] = [-1, -1]
        #if canImport(Darwin)
        let type = SOCK_STREAM
        #else
        let type = CInt(SOCK_STREAM.rawValue)
        #endif
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw IOError(errnoCode: errno, reason: "socketpair") }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK)
        }
        return (ends[0], ends[1])
    }

    /// Wraps a connected socket, which then belongs to the stream. Each direction ends on its own.
    static func stream(_ socket: CInt, on group: any EventLoopGroup) async throws -> ByteStream {
        try await ClientBootstrap(group: group)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .withConnectedSocket(socket) { channel in
                channel.eventLoop.makeCompletedFuture { try ByteStream(halfClosing: channel) }
            }
    }
}

extension NIOAsyncChannel where Inbound == ByteBuffer, Outbound == ByteBuffer {
    /// Wraps a channel whose directions end one by one. Call it on the channel's event loop.
    init(halfClosing channel: any Channel) throws {
        try self.init(
            wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
    }
}
