/// Messages of the SSH agent protocol (draft-miller-ssh-agent, sections 4 and 5), without their outer length.
enum AgentMessages {
    static let requestIdentities: [UInt8] = [11]
    /// Far more than any agent sends.
    static let maximumLength = 256 << 10

    static func sign(_ data: [UInt8], with publicKey: [UInt8], flags: UInt32) -> [UInt8] {
        var message = WireWriter()
        message.append(byte: 13)
        message.append(bytes: publicKey)
        message.append(bytes: data)
        message.append(uint32: flags)
        return message.bytes
    }

    /// Nil if the answer isn't a list of identities.
    static func identities(in answer: [UInt8]) -> [AgentIdentity]? {
        answer.withUnsafeBytes { answer in
            var reader = WireReader(answer)
            guard reader.byte() == 12, let count = reader.uint32(), count <= 4096 else { return nil }
            var identities: [AgentIdentity] = []
            for _ in 0..<count {
                guard let key = reader.bytes(), let comment = reader.string() else { return nil }
                identities.append(AgentIdentity(publicKey: key, comment: printable(comment, limit: 100)))
            }
            return identities
        }
    }

    /// The value inside the signature blob; nil if the agent refused.
    static func signature(in answer: [UInt8]) -> [UInt8]? {
        answer.withUnsafeBytes { answer in
            var reader = WireReader(answer)
            guard reader.byte() == 14, let blob = reader.bytes() else { return nil }
            return blob.withUnsafeBytes { blob in
                var reader = WireReader(blob)
                guard reader.string() != nil else { return nil }
                return reader.bytes()
            }
        }
    }

    /// How to hash for RSA keys: what the host was told is in the bytes to be signed (RFC 4252, section 7;
    /// RFC 8332).
    static func flags(forSigning data: [UInt8]) -> UInt32 {
        data.withUnsafeBytes { data in
            var reader = WireReader(data)
            guard reader.bytes() != nil, reader.byte() != nil, reader.string() != nil, reader.string() != nil,
                reader.string() != nil, reader.byte() != nil, let algorithm = reader.string()
            else { return 0 }
            switch algorithm {
            case "rsa-sha2-256": return 2
            case "rsa-sha2-512": return 4
            default: return 0
            }
        }
    }
}

/// A key that an agent holds.
struct AgentIdentity: Sendable, Hashable {
    var publicKey: [UInt8]
    var comment: String
}
