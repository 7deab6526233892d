import NIOCore
import Synchronization

/// The connections of a listener that are open, including those that nobody carries yet.
///
/// It keeps each of them until it is closed, since NIO ends the process when it finds an asynchronous
/// channel dropped while it is open, as happens to those accepted at the moment of closing.
final class ForwardClients: Sendable {
    private let open = Mutex<[ObjectIdentifier: ByteStream]>([:])

    func add(_ client: ByteStream) {
        let id = ObjectIdentifier(client.channel)
        open.withLock { $0[id] = client }
        client.channel.closeFuture.whenComplete { _ in
            _ = self.open.withLock { $0.removeValue(forKey: id) }
        }
    }

    func closeAll() {
        let clients = open.withLock { Array($0.values) }
        clients.forEach { $0.channel.close(promise: nil) }
    }
}
