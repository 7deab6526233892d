import Crypto
import OpsCore

/// `opsctl secrets generate`.
public enum SecretGenerator {
    private static let classes = [
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz", "0123456789", "-_.",
    ]

    /// Random text with an upper-case letter, a lower-case letter, a digit and a symbol, as Grafana's password policy
    /// wants it; among all such texts every one is equally likely.
    ///
    /// The symbols are `-`, `_` and `.`, at neither end: safe in shells, URLs (RFC 3986 section 2.3), YAML and
    /// connection strings without quoting.
    /// - Parameter length: characters; 32 are 190 bits
    /// - Throws: `Diagnostic` for lengths outside 8 to 4096
    public static func password(length: Int = 32) throws -> Secret {
        guard (8...4096).contains(length) else {
            throw Diagnostic(code: "usage", "the length of a password must be 8 to 4096")
        }
        while true {
            let text = random(length)
            if isGood(text) { return Secret(text) }
        }
    }

    private static func isGood(_ text: String) -> Bool {
        let isEndSymbol = [text.first, text.last].contains { $0.map(classes[3].contains) ?? true }
        return !isEndSymbol && classes.allSatisfy { $0.contains(where: text.contains) }
    }

    private static func random(_ length: Int) -> String {
        let characters = Array(classes.joined())
        // Bytes above the largest multiple would make the first characters likelier.
        let limit = 256 / characters.count * characters.count
        var text = ""
        while text.count < length {
            SymmetricKey(size: .bits256).withUnsafeBytes { bytes in
                for byte in bytes where Int(byte) < limit && text.count < length {
                    text.append(characters[Int(byte) % characters.count])
                }
            }
        }
        return text
    }
}
