import OpsCore

/// Why there is no answer from an HTTP server.
public enum HTTPError: Error, Sendable, Hashable {
    case invalidURL(String)
    /// Nothing listens there, as seen from the host.
    case connectFailed(url: String, reason: String)
    case timedOut(url: String, after: Duration)
    /// The connection ended before the answer did.
    case closed(url: String, reason: String)
    /// No TLS, or a certificate that does not hold.
    case insecure(url: String, reason: String)
    case cancelled(url: String)
    /// An answer that makes no sense for what was asked.
    case unexpected(url: String, reason: String)
}

extension HTTPError {
    public var diagnostic: Diagnostic {
        switch self {
        case .invalidURL(let text):
            Diagnostic(
                code: "url", "'\(text)' is not an http or https URL",
                hints: ["a login belongs in its own setting, not in the URL"])
        case .connectFailed(let url, let reason):
            Diagnostic(code: "http-connect", "cannot connect to \(url): \(reason)")
        case .timedOut(let url, let after):
            Diagnostic(code: "http-timeout", "no answer from \(url) within \(after.brief)")
        case .closed(let url, let reason):
            Diagnostic(code: "http-closed", "\(url) closed the connection: \(reason)")
        case .insecure(let url, let reason):
            Diagnostic(code: "http-tls", "no trusted connection to \(url): \(reason)")
        case .cancelled(let url):
            Diagnostic(code: "cancelled", "the request to \(url) was interrupted")
        case .unexpected(let url, let reason):
            Diagnostic(code: "http-unexpected", "\(url) gave an unexpected answer: \(reason)")
        }
    }

    /// In a few words, for the `actual` of a check.
    var brief: String {
        switch self {
        case .invalidURL: "invalid URL"
        case .connectFailed(_, let reason): "cannot connect: \(reason)"
        case .timedOut(_, let after): "no answer within \(after.brief)"
        case .closed(_, let reason): "connection closed: \(reason)"
        case .insecure(_, let reason): "TLS: \(reason)"
        case .cancelled: "interrupted"
        case .unexpected(_, let reason): reason
        }
    }
}
