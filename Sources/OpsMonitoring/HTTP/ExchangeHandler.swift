import NIOCore
import NIOHTTP1
import NIOSSL

/// A request on its way through a connection, and who waits for the answer.
struct Exchange: Sendable {
    let url: String
    let head: HTTPRequestHead
    let body: ByteBuffer
    let bodyLimit: Int
    let answer: EventLoopPromise<Answer>

    struct Answer: Sendable {
        var response: HTTPResponse
        /// The connection can carry the next request.
        var isReusable: Bool
    }
}

/// Writes a request and collects its answer; one at a time.
final class ExchangeHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = Exchange
    typealias OutboundOut = HTTPClientRequestPart

    private var exchange: Exchange?
    private var response: HTTPResponse?
    private var keepsAlive = false

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let next = unwrapOutboundIn(data)
        guard exchange == nil, context.channel.isActive else {
            next.answer.fail(HTTPError.closed(url: next.url, reason: "before the request was sent"))
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        exchange = next
        context.write(wrapOutboundOut(.head(next.head)), promise: nil)
        if next.body.readableBytes > 0 { context.write(wrapOutboundOut(.body(.byteBuffer(next.body))), promise: nil) }
        context.write(wrapOutboundOut(.end(nil)), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            keepsAlive = head.isKeepAlive
            response = HTTPResponse(
                status: Int(head.status.code), headers: head.headers.map { HTTPHeader($0.name, $0.value) })
        case .body(let buffer):
            collect(buffer)
            // The rest may never end; nobody wants it.
            if response?.isTruncated == true { finish(context, isReusable: false) }
        case .end:
            finish(context, isReusable: keepsAlive)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(response == nil ? "no answer" : "in the middle of the answer")
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let exchange, error is NIOSSLError || error is BoringSSLError || error is NIOSSLExtraError {
            self.exchange = nil
            exchange.answer.fail(HTTPError.insecure(url: exchange.url, reason: Self.describe(error)))
        } else if error is HTTPParserError {
            fail("what it says is not HTTP")
        } else {
            fail("\(error)")
        }
        context.close(promise: nil)
    }

    private func collect(_ buffer: ByteBuffer) {
        guard let exchange, var response else { return }
        let room = exchange.bodyLimit - response.body.count
        response.body += buffer.readableBytesView.prefix(max(0, room))
        if buffer.readableBytes > room { response.isTruncated = true }
        self.response = response
    }

    private func finish(_ context: ChannelHandlerContext, isReusable: Bool) {
        guard let exchange, let response else { return }
        self.exchange = nil
        self.response = nil
        if !isReusable { context.close(promise: nil) }
        exchange.answer.succeed(.init(response: response, isReusable: isReusable))
    }

    private func fail(_ reason: String) {
        exchange?.answer.fail(HTTPError.closed(url: exchange?.url ?? "", reason: reason))
        exchange = nil
    }

    private static func describe(_ error: any Error) -> String {
        let text = "\(error)"
        if text.contains("CERTIFICATE_VERIFY_FAILED") { return "the certificate is not trusted" }
        if text.contains("WRONG_VERSION_NUMBER") { return "the server does not speak TLS there" }
        return HTTPResponse.excerpt(text, limit: 200)
    }
}
