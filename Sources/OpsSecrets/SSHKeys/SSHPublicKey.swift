import Foundation

/// An SSH public key, as a line of `authorized_keys` or a `.pub` file gives it.
public struct SSHPublicKey: Hashable, Sendable {
    enum Material: Hashable, Sendable {
        case ed25519([UInt8])
        case rsa(modulus: [UInt8], exponent: [UInt8])
    }

    /// The key in SSH's wire format.
    let blob: [UInt8]
    let material: Material

    /// - Parameter line: `ssh-ed25519 AAAA... comment`; options before the type aren't read.
    /// - Throws: `AgeError.key`
    public init(line: String) throws(AgeError) {
        let words = line.split(whereSeparator: \.isWhitespace)
        guard words.count >= 2, words[0].hasPrefix("ssh-"),
            let blob = Base64Codec.decode(Array(words[1].utf8), padded: true)
        else { throw .key("not an SSH public key") }
        try self.init(blob: blob)
        guard words[0] == type else { throw .key("the SSH public key is not of the type it says") }
    }

    /// - Throws: `AgeError.key` for damaged keys, other types and RSA keys under 2048 bits
    init(blob: [UInt8]) throws(AgeError) {
        var reader = SSHWireReader(blob)
        self.blob = blob
        switch reader.text() {
        case "ssh-ed25519":
            guard let key = reader.string(), key.count == 32 else { throw .key("damaged SSH public key") }
            material = .ed25519(key)
        case "ssh-rsa":
            guard let exponent = reader.positiveInteger(), let modulus = reader.positiveInteger() else {
                throw .key("damaged SSH public key")
            }
            guard modulus.count >= 256 else { throw .key("RSA keys under 2048 bits are too weak") }
            guard modulus.count <= 2048, exponent.count <= 8 else { throw .key("the RSA key is too large") }
            material = .rsa(modulus: modulus, exponent: exponent)
        default:
            throw .key("not an ssh-ed25519 or ssh-rsa key")
        }
        guard reader.rest.isEmpty else { throw .key("damaged SSH public key") }
    }

    init(ed25519 key: [UInt8]) {
        var writer = SSHWireWriter()
        writer.string("ssh-ed25519".utf8)
        writer.string(key)
        (blob, material) = (writer.bytes, .ed25519(key))
    }

    init(modulus: [UInt8], exponent: [UInt8]) throws(AgeError) {
        var writer = SSHWireWriter()
        writer.string("ssh-rsa".utf8)
        writer.positiveInteger(exponent)
        writer.positiveInteger(modulus)
        try self.init(blob: writer.bytes)
    }

    var type: String {
        switch material {
        case .ed25519: "ssh-ed25519"
        case .rsa: "ssh-rsa"
        }
    }

    /// `ssh-ed25519 AAAA...`, without a comment.
    public var line: String { type + " " + Base64Codec.encode(blob, padded: true) }
}
