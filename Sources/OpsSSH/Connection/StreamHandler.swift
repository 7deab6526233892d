import NIOCore

/// Brings the stream's events to the connection, which runs on the same event loop.
final class StreamHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let connection: SSHConnection
    private var reason: String?

    init(_ connection: SSHConnection) { self.connection = connection }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        connection.assumeIsolated {
            var bytes = bytes
            $0.received(&bytes)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        connection.assumeIsolated { $0.pump() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { connection.assumeIsolated { $0.pump() } }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        reason = SystemError.words(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        let reason = reason
        connection.assumeIsolated { $0.ended(reason) }
    }
}
