import Crypto
import OpsCore

/// `opsctl secrets generate`.
public enum SecretGenerator {
    /// Letters and digits: safe in shells, URLs, YAML and connection strings without quoting.
    public static let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

    /// Random text, every character equally likely.
    /// - Parameter length: characters; 32 letters and digits are 190 bits
    /// - Throws: `Diagnostic` for lengths outside 8 to 4096, or fewer than two characters to choose from
    public static func password(length: Int = 32, alphabet: String = letters) throws -> Secret {
        let characters = Array(Set(alphabet)).sorted()
        guard (8...4096).contains(length) else {
            throw Diagnostic(code: "usage", "the length of a password must be 8 to 4096")
        }
        guard (2...256).contains(characters.count) else {
            throw Diagnostic(code: "usage", "a password needs 2 to 256 different characters to choose from")
        }
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
        return Secret(text)
    }
}
