/// One recipient's line and wrapped file key in an age header.
public struct AgeStanza: Hashable, Sendable {
    /// Type first, then its arguments; each is printable ASCII without spaces.
    public var arguments: [String]
    public var body: [UInt8]

    public var type: String { arguments.first ?? "" }

    /// Header text: `-> TYPE ARG...`, then the body in base64 lines of 64, the last one shorter.
    var text: String {
        var lines = ["-> " + arguments.joined(separator: " ")]
        var rest = Base64Codec.encode(body, padded: false)[...]
        while rest.utf8.count >= 64 {
            lines.append(String(rest.prefix(64)))
            rest = rest.dropFirst(64)
        }
        lines.append(String(rest))
        return lines.joined(separator: "\n") + "\n"
    }
}
