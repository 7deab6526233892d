import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// Loopback ports for servers that tests start.
enum FreePort {
    struct NotReady: Error {}

    /// Below the ports that the kernel gives away itself (32768 and up), or a connection that starts between
    /// this call and the server's own `bind` could take it.
    private static let next = Atomic(20_000 + Int(getpid()) % 10_000)

    /// A port that nobody listens on; no two calls give the same one.
    static func find() throws -> Int {
        for _ in 0..<1_000 {
            let port = next.add(1, ordering: .relaxed).newValue
            guard let socket = try? bind(port: port) else { continue }
            close(socket.descriptor)
            return port
        }
        throw NotReady()
    }

    /// A listening socket that nobody accepts from.
    static func bind(port: Int) throws -> (descriptor: CInt, port: Int) {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, length) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard bound else { throw NotReady() }
        return (descriptor, Int(in_port_t(bigEndian: address.sin_port)))
    }

    /// Polls until a server greets with `SSH-`.
    static func waitForGreeting(_ port: Int) async throws {
        for _ in 0..<400 {
            if try await greets(port) { return }
            try await Task.sleep(for: .milliseconds(25))
        }
        throw NotReady()
    }

    private static func greets(_ port: Int) async throws -> Bool {
        guard
            let stream = try? await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: port, channelInitializer: { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                    }
                })
        else { return false }
        return try await stream.executeThenClose { inbound, _ in
            for try await bytes in inbound { return bytes.readableBytesView.starts(with: "SSH-".utf8) }
            return false
        }
    }
}
