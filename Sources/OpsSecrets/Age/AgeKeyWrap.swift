import Crypto
import Foundation

/// Wrapping of the 16-byte file key under a 32-byte key that is used once: ChaCha20-Poly1305, zero nonce.
enum AgeKeyWrap {
    static let fileKeySize = 16
    private static let zeroNonce = [UInt8](repeating: 0, count: 12)

    static func wrap(_ fileKey: SymmetricKey, under key: SymmetricKey) throws -> [UInt8] {
        var plain = fileKey.withUnsafeBytes { Array($0) }
        defer { plain.wipe() }
        let box = try ChaChaPoly.seal(plain, using: key, nonce: ChaChaPoly.Nonce(data: zeroNonce))
        return Array(box.ciphertext) + Array(box.tag)
    }

    /// Nil if `key` isn't the right one. A body of another length is refused first (partitioning oracles).
    static func unwrap(_ body: [UInt8], under key: SymmetricKey) throws(AgeError) -> SymmetricKey? {
        guard body.count == fileKeySize + AgeStream.tagSize else {
            throw .header("a wrapped file key has the wrong length")
        }
        guard let nonce = try? ChaChaPoly.Nonce(data: zeroNonce),
            let box = try? ChaChaPoly.SealedBox(
                nonce: nonce, ciphertext: body.prefix(fileKeySize), tag: body.suffix(AgeStream.tagSize)),
            let plain = try? ChaChaPoly.open(box, using: key)
        else { return nil }
        return SymmetricKey(data: plain)
    }
}
