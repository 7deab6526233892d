import NIOCore
import OpsTransport

/// Carries bytes between an SSH channel and a socket until both directions have ended, or one breaks.
struct ChannelBridge: Sendable {
    let channel: SSHProcess
    let socket: ByteStream

    /// Never reads more from either side than the other takes.
    func run() async {
        try? await socket.executeThenClose { inbound, outbound in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for try await bytes in inbound { try await channel.write(Array(buffer: bytes)) }
                    try await channel.finishInput()
                }
                group.addTask {
                    while let chunk = try await channel.read() {
                        if case .stdout(let bytes) = chunk { try await outbound.write(ByteBuffer(bytes: bytes)) }
                    }
                    try await socket.drain()
                    outbound.finish()
                }
                try await group.waitForAll()
            }
        }
        await channel.close()
    }
}
