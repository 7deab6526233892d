import OpsCore

/// What a monitoring service answered instead of what it was asked for.
public enum APIError: Error, Sendable, Hashable {
    /// A status that means no; `message` is the service's own word, in one line.
    case status(service: String, path: String, status: Int, message: String)

    public var diagnostic: Diagnostic {
        switch self {
        case .status(let service, let path, let status, let message):
            Diagnostic(code: "api-refused", "\(service) answered \(path) with \(status): \(message)")
        }
    }

    /// In a few words, for the `actual` of a check.
    var brief: String {
        switch self {
        case .status(_, _, let status, let message): "\(status): \(message)"
        }
    }
}

/// One service's HTTP API: what its typed client is made of.
struct API: Sendable {
    let service: String
    let http: HTTPClient
    let base: HTTPURL
    var credentials: HTTPCredentials?
    /// For one call.
    var timeout = Duration.seconds(10)
    /// No answer that is asked for is longer; a longer one is an error, not a memory problem.
    var bodyLimit = 16 << 20

    /// Calls and decodes the answer.
    /// - Throws: `HTTPError`, `APIError`, `TransportError`.
    func get<T: Decodable & Sendable>(
        _ path: String, query: KeyValuePairs<String, String> = [:], as type: T.Type = T.self
    ) async throws -> T {
        let response = try await send("GET", path, query: query)
        return try response.decoded(as: type, from: base.appending(path))
    }

    /// Calls and gives the answer, if its status is one that is accepted.
    @discardableResult
    func send(
        _ method: String, _ path: String, query: KeyValuePairs<String, String> = [:], json: [UInt8]? = nil,
        accepts: ClosedRange<Int> = 200...299
    ) async throws -> HTTPResponse {
        let headers = json == nil ? [] : [HTTPHeader("content-type", "application/json")]
        let response = try await http.send(
            HTTPRequest(
                base.appending(path, query: query), method: method, headers: headers, body: json ?? [],
                credentials: credentials, timeout: timeout, bodyLimit: bodyLimit))
        guard accepts.contains(response.status) else {
            throw APIError.status(
                service: service, path: path, status: response.status, message: message(response))
        }
        return response
    }

    /// The reason in an error's JSON, or the beginning of the body, unless the login says more.
    private func message(_ response: HTTPResponse) -> String {
        struct Reason: Decodable {
            var error: String?
            var message: String?
        }
        let url = try? HTTPURL("http://localhost")
        let reason = url.flatMap { try? response.decoded(as: Reason.self, from: $0) }
        let words = reason?.error ?? reason?.message ?? response.loginTrouble(credentials)
        return HTTPResponse.excerpt(words ?? response.text, limit: 300)
    }
}
