import OpsCore
import OpsMonitoring
import OpsTransport

/// `uri`: an HTTP request from the host; registered are status, headers and content.
struct URIModule: StepModule {
    static let name = "uri"
    static let isReadOnly = false
    static let parameters = [
        Parameter("url", "http:// or https:// address as the host sees it", required: true),
        Parameter("method", "default GET"),
        Parameter("body", "text, or a value for 'body_format: json'"),
        Parameter("body_format", "how the body is written", choices: ["raw", "json", "form-urlencoded"]),
        Parameter("headers", "mapping of header fields"),
        Parameter("status_code", "the status that is right, or a list (default 200)"),
        Parameter("timeout", "most time for the answer (default 30 s)"),
        Parameter("return_content", "register the content too"),
        Parameter("url_username", "user for basic authentication", aliases: ["user"]),
        Parameter("url_password", "password for basic authentication", aliases: ["password"]),
        Parameter("force_basic_auth", "accepted for Ansible's sake; the header is always sent"),
        Parameter("follow_redirects", "whether to follow (default safe)", choices: ["all", "safe", "none", "urllib2", "yes", "no"]),
        Parameter("validate_certs", "check the certificate (default true)"),
        Parameter("use_proxy", "accepted for Ansible's sake"),
    ]

    private let request: HTTPRequest
    private let expected: [Int]
    private let returnsContent: Bool
    private let checksCertificates: Bool

    init(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws {
        let url = try arguments.requiredURL("url")
        let method = try arguments.string("method", default: "GET").uppercased()
        let body = try Self.body(arguments)
        let follows = try arguments.string("follow_redirects", default: "safe")
        let safe = ["GET", "HEAD"].contains(method)
        request = HTTPRequest(
            url, method: method,
            headers: try Self.headers(arguments) + (body.type.map { [HTTPHeader("content-type", $0)] } ?? []),
            body: body.bytes, credentials: try Self.credentials(arguments),
            timeout: try arguments.duration("timeout", default: .seconds(30)),
            redirects: follows == "none" || follows == "no" || (follows == "safe" && !safe) ? 0 : 10)
        expected = try Self.expected(arguments)
        returnsContent = try arguments.bool("return_content", default: false)
        checksCertificates = try arguments.bool("validate_certs", default: true)
    }

    private static func expected(_ arguments: ArgumentReader) throws -> [Int] {
        guard let value = arguments.value("status_code") else { return [200] }
        let codes = (value.list ?? [value]).compactMap { $0.int ?? $0.string.flatMap(Int.init) }
        guard !codes.isEmpty else {
            throw arguments.complaint("status_code", code: "wrong-type", "'status_code' must be a number or a list of numbers")
        }
        return codes
    }

    private static func headers(_ arguments: ArgumentReader) throws -> [HTTPHeader] {
        try (arguments.map("headers") ?? [:]).map { name, value in
            guard let name = name.string, let text = SensitiveText(value) ?? value.int.map({ .plain(String($0)) }) else {
                throw arguments.complaint("headers", code: "wrong-type", "'headers' must be a mapping of texts")
            }
            return text.reveal { HTTPHeader(name, $0) }
        }
    }

    private static func credentials(_ arguments: ArgumentReader) throws -> HTTPCredentials? {
        guard let user = try arguments.sensitive("url_username") else { return nil }
        let password = try arguments.sensitive("url_password") ?? .plain("")
        return HTTPCredentials(user: user.reveal { $0 }, password: Secret(password.reveal { $0 }))
    }

    private static func body(_ arguments: ArgumentReader) throws -> (bytes: [UInt8], type: String?) {
        guard let value = arguments.value("body") else { return ([], nil) }
        switch try arguments.string("body_format", default: "raw") {
        case "json":
            let text = value.string ?? ValueJSON.revealing(value)
            return (Array(text.utf8), "application/json")
        case "form-urlencoded":
            guard let map = value.map else {
                throw arguments.complaint("body", code: "wrong-type", "a form needs a mapping as its body")
            }
            let pairs = map.map { "\(FormEncoding.encode($0.key))=\(FormEncoding.encode($0.value))" }
            return (Array(pairs.joined(separator: "&").utf8), "application/x-www-form-urlencoded")
        default:
            guard let text = SensitiveText(value) else {
                throw arguments.complaint("body", code: "wrong-type", "the body must be text", hints: ["or set 'body_format: json'"])
            }
            return (text.reveal { Array($0.utf8) }, nil)
        }
    }

    func perform(_ work: StepWork) async throws -> StepResult {
        if work.mode.checkMode, !["GET", "HEAD", "OPTIONS"].contains(request.method) {
            return StepResult(skipReason: "requests that may change something are not sent in check mode")
        }
        let client = HTTPClient(through: work.session, trust: checksCertificates ? .system : .anybody)
        let response: HTTPResponse
        do {
            response = try await client.send(request)
            await client.close()
        } catch let error as HTTPError {
            await client.close()
            return .failed(error.diagnostic)
        } catch {
            await client.close()
            throw error
        }
        return result(response)
    }

    private func result(_ response: HTTPResponse) -> StepResult {
        var values: ValueMap = [
            "status": .int(response.status), "url": .string(request.url.description), "elapsed": .int(Int(response.duration.seconds)),
        ]
        for header in response.headers { values[.string(header.name.lowercased().replacing("-", with: "_"))] = .string(header.value) }
        if returnsContent { values["content"] = .string(response.text) }
        if response[header: "content-type"]?.contains("json") == true, let json = Value(json: response.body) { values["json"] = json }
        var result = StepResult(changed: false, message: "status \(response.status)", values: values)
        guard !expected.contains(response.status) else { return result }
        let wanted = expected.map(String.init).joined(separator: " or ")
        result.failure = Diagnostic(
            code: "unexpected-status", "\(request.method) \(request.url) answered \(response.status), expected \(wanted)",
            hints: response.redirect.map { ["it redirects to \($0)"] } ?? [])
        result.message = result.failure?.message ?? ""
        result.stdout = String(response.text.prefix(2000))
        return result
    }
}

/// `application/x-www-form-urlencoded` (WHATWG URL, section 5).
enum FormEncoding {
    static func encode(_ value: Value) -> String {
        let text = SensitiveText(value)?.reveal { $0 } ?? ValueJSON.revealing(value)
        return text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "*"):
                String(UnicodeScalar(byte))
            case UInt8(ascii: " "): "+"
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
