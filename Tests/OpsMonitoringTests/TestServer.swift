import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import OpsMonitoring
import OpsTransport

/// A web server of this process, for one test.
final class TestServer: Sendable {
    struct Request: Sendable {
        var method: String
        var target: String
        var headers: [(String, String)]
        var body: [UInt8]

        var path: String { String(target.prefix { $0 != "?" }) }
        func header(_ name: String) -> String? { headers.first { $0.0.lowercased() == name }?.1 }
    }

    enum Reply: Sendable {
        case answer(Int, String, headers: [(String, String)] = [])
        /// Never answers.
        case silence
        /// A body without an end.
        case endless
        /// Closes the connection instead of answering.
        case hangUp
        /// These bytes, whatever they are.
        case raw(String)
    }

    let port: Int
    private let channel: any Channel
    private let connections: Counter

    init(tls: NIOSSLContext? = nil, _ handle: @escaping @Sendable (Request) -> Reply) async throws {
        let connections = Counter()
        self.connections = connections
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .childChannelInitializer { channel in
                connections.add()
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandler(Handler(handle))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    var connectionCount: Int { connections.value }
    var base: HTTPURL { get throws { try HTTPURL("http://127.0.0.1:\(port)") } }
    func close() async { try? await channel.close() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let handle: @Sendable (Request) -> Reply
        private var request = Request(method: "", target: "", headers: [], body: [])
        private var isKeepAlive = true

        init(_ handle: @escaping @Sendable (Request) -> Reply) { self.handle = handle }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                isKeepAlive = head.isKeepAlive
                request = Request(
                    method: head.method.rawValue, target: head.uri, headers: head.headers.map { ($0.name, $0.value) },
                    body: [])
            case .body(let buffer):
                request.body += buffer.readableBytesView
            case .end:
                reply(context)
            }
        }

        private func reply(_ context: ChannelHandlerContext) {
            switch handle(request) {
            case .answer(let status, let text, let headers):
                var fields = HTTPHeaders(headers)
                fields.add(name: "content-length", value: String(text.utf8.count))
                let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: fields)
                context.write(wrapOutboundOut(.head(head)), promise: nil)
                context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            case .silence:
                break
            case .hangUp:
                context.close(promise: nil)
            case .endless:
                let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["transfer-encoding": "chunked"])
                context.write(wrapOutboundOut(.head(head)), promise: nil)
                pour(context)
            case .raw(let text):
                context.pipeline.context(handlerType: HTTPResponseEncoder.self).assumeIsolated().whenSuccess {
                    encoder in
                    encoder.writeAndFlush(NIOAny(ByteBuffer(string: text)), promise: nil)
                }
            }
        }

        private func pour(_ context: ChannelHandlerContext) {
            guard context.channel.isActive else { return }
            let loop = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(repeating: 0x61, count: 65536)))))
                .whenSuccess { loop.value.0.pour(loop.value.1) }
        }
    }
}

/// A number that several threads count up.
final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var count = 0

    func add() { lock.withLock { count += 1 } }
    var value: Int { lock.withLock { count } }
}

extension HTTPClient {
    /// Dials on this machine.
    static func local(trust: Trust = .system) -> HTTPClient {
        let transport = LocalTransport()
        return HTTPClient(trust: trust) { try await transport.connect(to: $0) }
    }
}
