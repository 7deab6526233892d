import NIOCore
import NIOPosix

/// A running SSH agent, reached through its Unix socket. One short connection per question.
struct Agent: Sendable {
    let socket: String
    let loop: any EventLoop

    enum Problem: Error {
        case unreachable(String)
        case refused
    }

    func identities() async throws(Problem) -> [AgentIdentity] {
        let answer = try await ask(AgentMessages.requestIdentities)
        guard let list = AgentMessages.identities(in: answer) else { throw .refused }
        return list
    }

    /// - Throws: `.refused` when the agent is locked, lost the key, or its user said no.
    func sign(_ data: [UInt8], with publicKey: [UInt8]) async throws(Problem) -> [UInt8] {
        let question = AgentMessages.sign(data, with: publicKey, flags: AgentMessages.flags(forSigning: data))
        guard let signature = AgentMessages.signature(in: try await ask(question)) else { throw .refused }
        return signature
    }

    private func ask(_ question: [UInt8]) async throws(Problem) -> [UInt8] {
        do {
            let stream = try await ClientBootstrap(group: loop).connect(unixDomainSocketPath: socket) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(AgentFrameDecoder()))
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
            return try await stream.executeThenClose { inbound, outbound in
                var frame = ByteBuffer(integer: UInt32(question.count))
                frame.writeBytes(question)
                try await outbound.write(frame)
                for try await answer in inbound { return Array(buffer: answer) }
                throw Problem.refused
            }
        } catch let problem as Problem {
            throw problem
        } catch {
            throw .unreachable(SystemError.words(error))
        }
    }
}

/// Cuts the agent's answers out of the stream: four bytes of length, then the message.
private struct AgentFrameDecoder: ByteToMessageDecoder {
    typealias InboundOut = ByteBuffer

    mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        guard let length = buffer.getInteger(at: buffer.readerIndex, as: UInt32.self) else { return .needMoreData }
        guard length <= AgentMessages.maximumLength else { throw Agent.Problem.refused }
        guard buffer.readableBytes >= 4 + Int(length) else { return .needMoreData }
        buffer.moveReaderIndex(forwardBy: 4)
        if let message = buffer.readSlice(length: Int(length)) {
            context.fireChannelRead(wrapInboundOut(message))
        }
        return .continue
    }
}
