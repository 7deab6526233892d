import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import OpsTransport

/// An open connection to an HTTP server.
struct HTTPConnection: Sendable {
    private let channel: any Channel

    /// Takes the socket over, also when this throws.
    static func open(_ socket: SocketDescriptor, to url: HTTPURL, tls: NIOSSLContext?) async throws -> HTTPConnection {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls {
                        // A number is no server name (RFC 6066, section 3).
                        let isNumber = (try? SocketAddress(ipAddress: url.host, port: 0)) != nil
                        try pipeline.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: isNumber ? nil : url.host))
                    }
                    try pipeline.addHTTPClientHandlers()
                    try pipeline.addHandler(ExchangeHandler())
                }
            }
        return HTTPConnection(channel: try await bootstrap.withConnectedSocket(socket.rawValue).get())
    }

    var isOpen: Bool { channel.isActive }

    /// Sends a request and waits for its answer. Cancelling closes the connection.
    func send(_ request: HTTPRequest) async throws -> Exchange.Answer {
        let exchange = Exchange(
            url: "\(request.url)", head: request.head, body: ByteBuffer(bytes: request.body),
            bodyLimit: request.bodyLimit, answer: channel.eventLoop.makePromise())
        return try await withTaskCancellationHandler {
            channel.writeAndFlush(exchange, promise: nil)
            return try await exchange.answer.futureResult.get()
        } onCancel: {
            channel.close(promise: nil)
        }
    }

    func close() { channel.close(promise: nil) }
}

extension HTTPRequest {
    /// The request line and headers. What the caller sets wins over what is added.
    fileprivate var head: HTTPRequestHead {
        var fields = HTTPHeaders(headers.map { ($0.name, $0.value) })
        func add(_ name: String, _ value: String) {
            if !fields.contains(name: name) { fields.add(name: name, value: value) }
        }
        add("host", url.authority)
        add("user-agent", "opsctl")
        add("accept", "*/*")
        if !body.isEmpty || method == "POST" || method == "PUT" { add("content-length", String(body.count)) }
        if let credentials { add("authorization", credentials.header) }
        return HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: method), uri: url.target, headers: fields)
    }
}
