import NIOCore

/// Brings the stream's events to the connection, which runs on the same event loop. It stands in the pipeline
/// from the start and keeps what comes before the connection does, since a host may greet, or hang up, at once.
final class StreamHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var connection: SSHConnection?
    private var early = ByteBuffer()
    private var hasEnded = false
    private var reason: String?

    /// Hands over what has come so far, and from now on everything.
    func attach(_ connection: SSHConnection) {
        self.connection = connection
        let (bytes, hasEnded, reason) = (early, hasEnded, reason)
        early = ByteBuffer()
        connection.assumeIsolated {
            var bytes = bytes
            $0.received(&bytes)
            if hasEnded { $0.ended(reason) }
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        guard let connection else {
            early.writeBuffer(&bytes)
            return
        }
        let received = bytes
        connection.assumeIsolated {
            var bytes = received
            $0.received(&bytes)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        connection?.assumeIsolated { $0.pump() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { connection?.assumeIsolated { $0.pump() } }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        reason = SystemError.words(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        hasEnded = true
        let reason = reason
        connection?.assumeIsolated { $0.ended(reason) }
        connection = nil
    }
}
