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

    /// Reads each; what can't be read is named by its position.
    /// - Throws: the first `AgeError`
    public static func parse(_ texts: [String]) throws(AgeError) -> [any AgeRecipient] {
        var recipients: [any AgeRecipient] = []
        for text in texts { recipients.append(try parse(text)) }
        return recipients
    }
}
