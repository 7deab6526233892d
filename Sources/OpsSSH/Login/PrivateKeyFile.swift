import CLibSSH2
import Crypto
import CryptoExtras
import Foundation
import OpsCore
import OpsKeys

/// A private key file, as far as it can be read without its passphrase.
struct PrivateKeyFile: Sendable {
    var path: String
    /// The whole file, for libssh2.
    var contents: [UInt8]
    /// As on the wire; nil in formats where only libssh2 can tell.
    var publicKey: [UInt8]?
    var isEncrypted: Bool

    enum Problem: Error, Equatable {
        case missing
        case unreadable(String)
        case notAKey
    }

    init(path: String) throws(Problem) {
        self.path = path
        do {
            contents = try Array(Data(contentsOf: URL(fileURLWithPath: path), options: []))
        } catch CocoaError.fileReadNoSuchFile, CocoaError.fileNoSuchFile {
            throw .missing
        } catch {
            throw .unreadable(FileManager.default.fileExists(atPath: path) ? "permission denied" : "\(error)")
        }
        let text = String(decoding: contents.prefix(64 << 10), as: UTF8.self)
        if let blob = PrivateKeyFile.openSSHBlob(text), let header = PrivateKeyFile.header(blob) {
            (publicKey, isEncrypted) = header
        } else if text.contains("PRIVATE KEY-----") {
            isEncrypted = text.contains("ENCRYPTED")
            publicKey = PrivateKeyFile.rsaPublicKey(text)
        } else {
            throw .notAKey
        }
    }

    /// The type of the key, such as `ssh-ed25519`, if known.
    var type: String? { publicKey.flatMap(KeyType.of) }

    /// Signs with RSA and SHA-512, as `rsa-sha2-512` (RFC 8332) wants it.
    func rsaSignature(of data: [UInt8], passphrase: Secret?) throws(SSHKeyError) -> [UInt8] {
        let text = String(decoding: contents, as: UTF8.self)
        let key =
            text.contains(OpenSSHKeyFile.marker)
            ? try OpenSSHKeyFile(text).unlock(passphrase) : try SSHPrivateKey(pem: text)
        guard case .rsa(let rsa) = key.material,
            let signature = try? rsa.signature(for: SHA512.hash(data: data), padding: .insecurePKCS1v1_5)
        else { throw .unusable("the key cannot sign") }
        return Array(signature.rawRepresentation)
    }

    private static func rsaPublicKey(_ pem: String) -> [UInt8]? {
        guard let key = try? SSHPrivateKey(pem: pem), case .rsa = key.material else { return nil }
        return key.publicKey.blob
    }

    /// As in a `.pub` file.
    var publicKeyLine: String? {
        guard let publicKey, let type else { return nil }
        return "\(type) \(Data(publicKey).base64EncodedString())"
    }

    /// The key in the `.pub` file beside a private key, or in the file itself if it is a public key; an agent
    /// may hold the private part.
    static func publicKey(besides path: String) -> [UInt8]? {
        for file in [path, path + ".pub"] {
            guard let data = FileManager.default.contents(atPath: file) else { continue }
            let fields = String(decoding: data.prefix(64 << 10), as: UTF8.self).split(separator: " ")
            guard fields.count >= 2, let key = Data(base64Encoded: fields[1].filter { !$0.isWhitespace }) else {
                continue
            }
            if KeyType.of(Array(key)) == String(fields[0]) { return Array(key) }
        }
        return nil
    }

    private static func openSSHBlob(_ text: String) -> [UInt8]? {
        guard let start = text.range(of: "-----BEGIN OPENSSH PRIVATE KEY-----"),
            let end = text.range(of: "-----END OPENSSH PRIVATE KEY-----"), start.upperBound <= end.lowerBound
        else { return nil }
        let base64 = text[start.upperBound..<end.lowerBound].filter { !$0.isWhitespace }
        return Data(base64Encoded: base64).map { Array($0) }
    }

    /// The clear part of OpenSSH's format (PROTOCOL.key): magic, cipher, KDF, options, number, public key.
    private static func header(_ blob: [UInt8]) -> (publicKey: [UInt8]?, isEncrypted: Bool)? {
        let magic = Array("openssh-key-v1\0".utf8)
        guard blob.starts(with: magic) else { return nil }
        return blob.withUnsafeBytes { bytes in
            var reader = WireReader(UnsafeRawBufferPointer(rebasing: bytes.dropFirst(magic.count)))
            guard let cipher = reader.string(), reader.string() != nil, reader.bytes() != nil,
                reader.uint32() == 1, let publicKey = reader.bytes()
            else { return nil }
            return (publicKey, cipher != "none")
        }
    }
}

/// The name at the beginning of a public key's wire form.
enum KeyType {
    static func of(_ key: [UInt8]) -> String? {
        key.withUnsafeBytes { bytes in
            var reader = WireReader(bytes)
            return reader.string(limit: 64)
        }
    }
}
