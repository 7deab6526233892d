import OpsKeys

/// Recipients as users write them.
public enum AgeRecipients {
    /// Reads one `age1...` or SSH public key.
    /// - Throws: `AgeError.key` or `.unsupported`
    public static func parse(_ text: String) throws(AgeError) -> any AgeRecipient {
        if text.hasPrefix("ssh-") {
            do { return AgeSSHRecipient(try SSHPublicKey(line: text)) } catch { throw .key(error.description) }
        }
        if text.hasPrefix("age1pq1") || text.hasPrefix("age1tagpq1") {
            throw .unsupported("post-quantum age recipients (age1pq1)")
        }
        // A plugin's name stands before a second `1`; the part behind the last one never holds any.
        if text.hasPrefix("age1"), text.dropFirst(4).contains("1") {
            throw .unsupported("age plugin recipients (\(text.prefix { $0 != " " }.prefix(20))...)")
        }
        return try AgeX25519Recipient(text)
    }

    /// Reads each; what can't be read is named.
    /// - Throws: the first `AgeError`
    public static func parse(_ texts: [String]) throws(AgeError) -> [any AgeRecipient] {
        var recipients: [any AgeRecipient] = []
        for (index, text) in texts.enumerated() {
            do throws(AgeError) {
                recipients.append(try parse(text))
            } catch .key(let reason) {
                throw .key("recipient \(name(text, index + 1)): \(reason)")
            }
        }
        return recipients
    }

    /// What has the form of a public key may be shown; anything else could be an identity by mistake.
    private static func name(_ text: String, _ position: Int) -> String {
        text.hasPrefix("age1") || text.hasPrefix("ssh-") ? "'\(text.prefix(20))'" : "number \(position)"
    }
}
