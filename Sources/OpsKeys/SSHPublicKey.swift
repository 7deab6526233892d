import Foundation

/// An SSH public key, as a line of `authorized_keys` or a `.pub` file gives it.
public struct SSHPublicKey: Hashable, Sendable {
    public enum Material: Hashable, Sendable {
        case ed25519([UInt8])
        case rsa(modulus: [UInt8], exponent: [UInt8])
    }

    /// The key in SSH's wire format.
    public let blob: [UInt8]
    public let material: Material

    /// - Parameter line: `ssh-ed25519 AAAA... comment`; options before the type aren't read.
    /// - Throws: `SSHKeyError`
    public init(line: String) throws(SSHKeyError) {
        let words = line.split(whereSeparator: \.isWhitespace)
        guard words.count >= 2, words[0].hasPrefix("ssh-"),
            let blob = Data(base64Encoded: String(words[1])).map({ Array($0) })
        else { throw .unusable("not an SSH public key") }
        try self.init(blob: blob)
        guard words[0] == type else { throw .unusable("the SSH public key is not of the type it says") }
    }

    /// - Throws: `SSHKeyError` for damaged keys, other types and RSA keys under 2048 bits
    init(blob: [UInt8]) throws(SSHKeyError) {
        var reader = SSHWireReader(blob)
        self.blob = blob
        switch reader.text() {
        case "ssh-ed25519":
            guard let key = reader.string(), key.count == 32 else { throw .unusable("damaged SSH public key") }
            material = .ed25519(key)
        case "ssh-rsa":
            guard let exponent = reader.positiveInteger(), let modulus = reader.positiveInteger() else {
                throw .unusable("damaged SSH public key")
            }
            guard modulus.count >= 256 else { throw .unusable("RSA keys under 2048 bits are too weak") }
            guard modulus.count <= 2048, exponent.count <= 8 else { throw .unusable("the RSA key is too large") }
            material = .rsa(modulus: modulus, exponent: exponent)
        default:
            throw .unusable("not an ssh-ed25519 or ssh-rsa key")
        }
        guard reader.rest.isEmpty else { throw .unusable("damaged SSH public key") }
    }

    init(ed25519 key: [UInt8]) {
        var writer = SSHWireWriter()
        writer.string("ssh-ed25519".utf8)
        writer.string(key)
        (blob, material) = (writer.bytes, .ed25519(key))
    }

    init(modulus: [UInt8], exponent: [UInt8]) throws(SSHKeyError) {
        var writer = SSHWireWriter()
        writer.string("ssh-rsa".utf8)
        writer.positiveInteger(exponent)
        writer.positiveInteger(modulus)
        try self.init(blob: writer.bytes)
    }

    /// `ssh-ed25519` or `ssh-rsa`.
    public var type: String {
        switch material {
        case .ed25519: "ssh-ed25519"
        case .rsa: "ssh-rsa"
        }
    }

    /// `ssh-ed25519 AAAA...`, without a comment.
    public var line: String { type + " " + Data(blob).base64EncodedString() }
}
