import Crypto
import Foundation

/// The first field of a known_hosts line: names, patterns, or one hashed name.
struct HostNamePatterns: Sendable {
    private enum Form: Sendable {
        /// Lower case, in order; a negated match wins over any other.
        case patterns([Pattern])
        /// HMAC-SHA1 of the name (`HashKnownHosts`).
        case hashed(salt: [UInt8], hash: [UInt8])
        case unreadable
    }

    private struct Pattern: Sendable {
        var isNegated: Bool
        var glob: String
    }

    private let form: Form

    init(_ field: Substring) {
        guard field.hasPrefix("|") else {
            form = .patterns(
                field.lowercased().split(separator: ",").map {
                    Pattern(isNegated: $0.hasPrefix("!"), glob: String($0.hasPrefix("!") ? $0.dropFirst() : $0))
                })
            return
        }
        let parts = field.split(separator: "|", omittingEmptySubsequences: false)
        if parts.count == 4, parts[1] == "1", let salt = Data(base64Encoded: String(parts[2])),
            let hash = Data(base64Encoded: String(parts[3]))
        {
            form = .hashed(salt: Array(salt), hash: Array(hash))
        } else {
            form = .unreadable
        }
    }

    /// - Parameter name: `host`, or `[host]:port` if the port isn't 22.
    func matches(_ name: String) -> Bool {
        let name = name.lowercased()
        switch form {
        case .unreadable:
            return false
        case .hashed(let salt, let hash):
            return HMAC<Insecure.SHA1>.isValidAuthenticationCode(
                hash, authenticating: Data(name.utf8), using: SymmetricKey(data: salt))
        case .patterns(let patterns):
            let matching = patterns.filter { Glob.matches(name, $0.glob) }
            return !matching.isEmpty && !matching.contains(where: \.isNegated)
        }
    }
}

/// OpenSSH's patterns: `*` is any text, `?` any one character (ssh_config(5), PATTERNS).
enum Glob {
    static func matches(_ text: String, _ pattern: String) -> Bool {
        let (text, pattern) = (Array(text.unicodeScalars), Array(pattern.unicodeScalars))
        var (t, p) = (0, 0)
        // Where to go on after a mismatch: just behind the last `*`, which then takes one character more.
        var retry: (t: Int, p: Int)?
        while t < text.count {
            if p < pattern.count, pattern[p] == "*" {
                p += 1
                retry = (t, p)
            } else if p < pattern.count, pattern[p] == "?" || pattern[p] == text[t] {
                (t, p) = (t + 1, p + 1)
            } else if let last = retry {
                (t, p) = (last.t + 1, last.p)
                retry = (t, p)
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == "*" }
    }
}
