/// A URL taken apart as by Python's `urlsplit`.
struct URLParts {
    private(set) var scheme = ""
    private(set) var netloc = ""
    private(set) var path = ""
    private(set) var query = ""
    private(set) var fragment = ""
    let username: String?
    let password: String?
    let hostname: String?
    let port: Int?

    /// nil if brackets of an IPv6 address don't match or the port is no number up to 65535.
    init?(_ url: String) {
        var rest = url[...]
        if let colon = rest.firstIndex(of: ":"), let first = rest.first, first.isASCII, first.isLetter,
            rest[..<colon].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) })
        {
            scheme = rest[..<colon].lowercased()
            rest = rest[rest.index(after: colon)...]
        }
        if rest.hasPrefix("//") {
            rest = rest.dropFirst(2)
            let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
            netloc = String(rest[..<end])
            rest = rest[end...]
        }
        if let mark = rest.firstIndex(of: "#") {
            fragment = String(rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        }
        if let mark = rest.firstIndex(of: "?") {
            query = String(rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        }
        path = String(rest)
        guard netloc.contains("[") == netloc.contains("]") else { return nil }
        let authority = netloc
        let at = authority.lastIndex(of: "@")
        let user = at.map { authority[..<$0] }?.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        username = user?.first.map(String.init)
        password = user.flatMap { $0.count > 1 ? String($0[1]) : nil }
        let host = at.map { authority[authority.index(after: $0)...] } ?? authority[...]
        let (name, digits) = URLParts.splitPort(host)
        hostname = name.isEmpty ? nil : name.lowercased()
        guard let digits, !digits.isEmpty else { port = nil; return }
        guard let number = Int(digits), (0...65535).contains(number) else { return nil }
        port = number
    }

    private static func splitPort(_ host: Substring) -> (String, Substring?) {
        if host.hasPrefix("["), let close = host.firstIndex(of: "]") {
            let rest = host[host.index(after: close)...]
            return (String(host[..<close].dropFirst()), rest.first == ":" ? rest.dropFirst() : nil)
        }
        guard let colon = host.firstIndex(of: ":") else { return (String(host), nil) }
        return (String(host[..<colon]), host[host.index(after: colon)...])
    }
}
