import NIOCore
import Synchronization

/// A connected stream and the handler at its end, which outlives the stream's pipeline.
struct DialedStream: Sendable {
    let channel: any Channel
    let handler: NIOLoopBound<StreamHandler>
}

/// Takes the handler out of a bootstrap's initializer.
final class StreamHandlerBox: Sendable {
    private let handler = Mutex<NIOLoopBound<StreamHandler>?>(nil)

    /// Puts a handler into a new channel's pipeline; for `channelInitializer`.
    func install(in channel: any Channel) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            let made = StreamHandler()
            try channel.pipeline.syncOperations.addHandler(made)
            handler.withLock { $0 = NIOLoopBound(made, eventLoop: channel.eventLoop) }
        }
    }

    /// Nil if the channel was never initialized.
    func stream(_ channel: any Channel) -> DialedStream? {
        handler.withLock { $0 }.map { DialedStream(channel: channel, handler: $0) }
    }
}
