import Crypto

/// Encrypts to age recipients, in pieces of any size; holds about 64 KiB of them.
public struct AgeEncryptor {
    private var stream: AgeStream
    private var armor: AgeArmorEncoder?
    private var head: [UInt8]
    private var buffer: [UInt8] = []

    /// - Throws: `AgeError.key` without recipients, or with a passphrase among others
    public init(recipients: [any AgeRecipient], armored: Bool = false) throws {
        guard !recipients.isEmpty else { throw AgeError.key("no recipients to encrypt to") }
        guard recipients.count == 1 || !recipients.contains(where: { $0 is AgeScryptRecipient }) else {
            throw AgeError.key("a passphrase must be the only recipient")
        }
        let fileKey = SymmetricKey(size: .bits128)
        let header = AgeHeader(stanzas: try recipients.map { try $0.wrap(fileKey) }, fileKey: fileKey)
        let nonce = SymmetricKey(size: .bits128).withUnsafeBytes { Array($0) }
        stream = AgeStream(fileKey: fileKey, nonce: nonce)
        head = Array(header.text.utf8) + nonce
        armor = armored ? AgeArmorEncoder() : nil
    }

    /// Takes plaintext, gives what is complete of the file.
    public mutating func feed(_ bytes: some Collection<UInt8>) throws -> [UInt8] {
        buffer += bytes
        var output = takeHead()
        var used = 0
        while buffer.count - used > AgeStream.chunkSize {
            output += try stream.seal(buffer[used..<used + AgeStream.chunkSize], last: false)
            used += AgeStream.chunkSize
        }
        buffer.removeFirst(used)
        return armor?.feed(output) ?? output
    }

    /// Gives the end of the file.
    public mutating func finish() throws -> [UInt8] {
        let output = takeHead() + (try stream.seal(buffer, last: true))
        buffer.wipe()
        guard let armored = armor?.feed(output) else { return output }
        return armored + (armor?.finish() ?? [])
    }

    private mutating func takeHead() -> [UInt8] {
        defer { head = [] }
        return head
    }
}

/// age v1 (C2SP age.md) for what fits in memory.
public enum Age {
    /// - Throws: `AgeError`
    public static func encrypt(
        _ plaintext: some Collection<UInt8>, to recipients: [any AgeRecipient], armored: Bool = false
    ) throws -> [UInt8] {
        var encryptor = try AgeEncryptor(recipients: recipients, armored: armored)
        return try encryptor.feed(plaintext) + encryptor.finish()
    }

    /// Gives nothing unless the whole file is intact.
    /// - Throws: `AgeError`
    public static func decrypt(
        _ file: some Collection<UInt8>, with identities: [any AgeIdentity]
    ) throws -> [UInt8] {
        var decryptor = AgeDecryptor(identities: identities)
        return try decryptor.feed(file) + decryptor.finish()
    }

    /// A new private key.
    public static func newIdentity() -> AgeX25519Identity { AgeX25519Identity() }
}

extension Age {
    /// What the header says about who can open a file, for messages: SSH keys by their tag, `X25519` and
    /// passphrases only by kind. Empty for a damaged file.
    static func recipientNames(_ file: [UInt8]) -> [String] {
        var bytes = file
        if AgeArmor.isArmored(file) {
            var decoder = AgeArmorDecoder()
            bytes = (try? decoder.feed(file)) ?? []
        }
        let text = bytes.prefix(AgeHeader.maximumLength)
        return text.split(separator: UInt8(ascii: "\n")).prefix { !$0.starts(with: "---".utf8) }
            .filter { $0.starts(with: "-> ".utf8) }
            .compactMap { String(validating: $0.dropFirst(3), as: UTF8.self) }
            .map { line in
                let words = line.split(separator: " ")
                return switch words.first {
                case "scrypt": "a passphrase"
                case "X25519": "an age key"
                case "ssh-ed25519", "ssh-rsa": words.prefix(2).joined(separator: " ")
                default: String(words.first ?? "")
                }
            }
    }
}
