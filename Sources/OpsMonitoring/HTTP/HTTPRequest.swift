import Foundation
import OpsCore
import OpsTransport

/// A request to an HTTP server.
public struct HTTPRequest: Sendable {
    public var method: String
    public var url: HTTPURL
    public var headers: [HTTPHeader]
    public var body: [UInt8]
    /// Sent as basic authentication (RFC 7617), and only to the URL's own host.
    public var credentials: HTTPCredentials?
    /// From dialling to the last byte of the answer, redirects included.
    public var timeout: Duration
    /// Bytes of the answer's body that are kept; the connection is closed when there are more.
    public var bodyLimit: Int
    /// How many redirects are followed; a redirect beyond is the answer.
    public var redirects: Int

    public init(
        _ url: HTTPURL, method: String = "GET", headers: [HTTPHeader] = [], body: [UInt8] = [],
        credentials: HTTPCredentials? = nil, timeout: Duration = .seconds(10), bodyLimit: Int = 1 << 20,
        redirects: Int = 0
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.credentials = credentials
        self.timeout = timeout
        self.bodyLimit = bodyLimit
        self.redirects = redirects
    }

    /// May be sent again when it's unknown whether it arrived (RFC 9110, section 9.2.2).
    var isIdempotent: Bool { ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"].contains(method) }
}

/// A name and value of a request or response.
public struct HTTPHeader: Sendable, Hashable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// A login for basic authentication.
public struct HTTPCredentials: Sendable, Hashable {
    public var user: String
    public var password: Secret

    public init(user: String, password: Secret) {
        self.user = user
        self.password = password
    }

    var header: String {
        password.reveal { "Basic " + Data("\(user):\($0)".utf8).base64EncodedString() }
    }
}

/// An absolute `http` or `https` URL, taken apart.
public struct HTTPURL: Sendable, Hashable, CustomStringConvertible {
    public let isTLS: Bool
    /// Without brackets.
    public let host: String
    public let port: Int
    /// Path and query as they are sent, beginning with `/`.
    public let target: String
    /// Where to connect instead of `host` and `port`, such as the Docker socket.
    public var endpoint: Endpoint

    /// - Throws: `HTTPError.invalidURL`, also for a URL with a login in it: those end up in messages.
    public init(_ text: String, endpoint: Endpoint? = nil) throws(HTTPError) {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            scheme == "http" || scheme == "https", let host = parts.host, !host.isEmpty,
            parts.user == nil, parts.password == nil
        else { throw .invalidURL(text) }
        let port = parts.port ?? (scheme == "https" ? 443 : 80)
        guard (1...65535).contains(port) else { throw .invalidURL(text) }
        isTLS = scheme == "https"
        self.host = host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        self.port = port
        let path = parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath
        target = path + (parts.percentEncodedQuery.map { "?" + $0 } ?? "")
        self.endpoint = endpoint ?? .tcp(host: self.host, port: port)
    }

    private init(_ base: HTTPURL, target: String) {
        isTLS = base.isTLS
        host = base.host
        port = base.port
        endpoint = base.endpoint
        self.target = target
    }

    /// The URL of an API call below this one.
    public func appending(_ path: String, query: KeyValuePairs<String, String> = [:]) -> HTTPURL {
        let base = target.prefix { $0 != "?" }
        let joined = (base.hasSuffix("/") ? String(base.dropLast()) : String(base)) + path
        let words = query.map { "\(Self.escaped($0.key))=\(Self.escaped($0.value))" }
        return HTTPURL(self, target: words.isEmpty ? joined : joined + "?" + words.joined(separator: "&"))
    }

    /// The URL that a `Location` header means, read from this one.
    func resolving(_ location: String) -> HTTPURL? {
        guard let base = URL(string: description), let url = URL(string: location, relativeTo: base) else { return nil }
        guard var resolved = try? HTTPURL(url.absoluteString) else { return nil }
        if resolved.authority == authority { resolved.endpoint = endpoint }
        return resolved
    }

    /// One path component or query word with everything but unreserved characters escaped.
    static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }

    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

    /// As the `Host` header wants it.
    var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isTLS ? 443 : 80) ? name : "\(name):\(port)"
    }

    public var description: String { "\(isTLS ? "https" : "http")://\(authority)\(target)" }
}
