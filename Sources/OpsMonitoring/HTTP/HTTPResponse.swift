import Foundation

/// What a server answered.
public struct HTTPResponse: Sendable {
    public var status: Int
    public var headers: [HTTPHeader]
    /// The body, or its beginning.
    public var body: [UInt8]
    /// The body was longer than the request's limit.
    public var isTruncated: Bool
    /// From sending the request, connecting included, to the last byte.
    public var duration: Duration

    public init(
        status: Int, headers: [HTTPHeader] = [], body: [UInt8] = [], isTruncated: Bool = false,
        duration: Duration = .zero
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.isTruncated = isTruncated
        self.duration = duration
    }

    /// The first header of that name, in any case.
    public subscript(header name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The body as text. It comes from a server: escape control characters before showing it.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// In a few words, that the login is to blame for the status; nil if it is not.
    func loginTrouble(_ credentials: HTTPCredentials?) -> String? {
        guard status == 401 else { return nil }
        return credentials == nil ? "it asks for a login" : "it refuses the login"
    }

    /// Where a redirect leads; nil if this is none.
    public var redirect: String? { (300..<400).contains(status) ? self[header: "location"] : nil }

    /// The body as JSON.
    /// - Throws: `HTTPError.unexpected` if it's something else or too long.
    public func decoded<T: Decodable>(as type: T.Type = T.self, from url: HTTPURL) throws(HTTPError) -> T {
        if isTruncated { throw .unexpected(url: "\(url)", reason: "the answer is longer than \(body.count) bytes") }
        do {
            return try JSONDecoder().decode(type, from: Data(body))
        } catch {
            throw .unexpected(
                url: "\(url)", reason: "not the JSON that was expected: \(Self.excerpt(text, limit: 200))")
        }
    }

    /// The beginning of a text on one line, safe to show.
    static func excerpt(_ text: String, limit: Int) -> String {
        var line = ""
        for scalar in text.unicodeScalars.prefix(limit) {
            line.unicodeScalars.append(scalar.properties.generalCategory == .control ? " " : scalar)
        }
        let words = line.split(separator: " ").joined(separator: " ")
        return words.isEmpty ? "(nothing)" : words
    }
}
