/// `[user@]host[:port]`, `ssh://[user@]host[:port]`; IPv6 addresses in brackets.
public struct SSHPlace: Sendable, Hashable {
    public var user: String?
    public var host: String
    public var port: Int?

    /// Nil if the host is empty or the port isn't one.
    public init?(_ text: String) {
        var rest = text.hasPrefix("ssh://") ? text.dropFirst(6) : text[...]
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        if let at = rest.lastIndex(of: "@") {
            user = String(rest[..<at])
            rest = rest[rest.index(after: at)...]
        }
        if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
            host = String(rest[rest.index(after: rest.startIndex)..<end])
            rest = rest[rest.index(after: end)...]
        } else if rest.filter({ $0 == ":" }).count == 1, let colon = rest.firstIndex(of: ":") {
            host = String(rest[..<colon])
            rest = rest[colon...]
        } else {
            host = String(rest)
            rest = ""
        }
        if !rest.isEmpty {
            guard rest.hasPrefix(":"), let number = Int(rest.dropFirst()), 1...65535 ~= number else { return nil }
            port = number
        }
        if host.isEmpty || user?.isEmpty == true || host.hasPrefix("-") { return nil }
    }
}
