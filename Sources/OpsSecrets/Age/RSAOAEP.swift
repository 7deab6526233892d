import Crypto
import CryptoExtras
import Foundation

/// RSAES-OAEP with SHA-256 and a label (RFC 8017 section 7.1).
///
/// swift-crypto's OAEP takes no label, which age's `ssh-rsa` needs. The private operation is
/// swift-crypto's (its blind signature is the raw RSA operation); padding and the public one are here.
struct RSAOAEP {
    typealias PrivateKey = _RSA.BlindSigning.PrivateKey<SHA384>
    private static let hashSize = 32

    let label: String

    private var labelHash: [UInt8] { Array(SHA256.hash(data: Data(label.utf8))) }

    func encrypt(_ message: [UInt8], modulus: [UInt8], exponent: [UInt8]) throws(AgeError) -> [UInt8] {
        let size = modulus.count
        guard let field = OddModulus(bigEndian: modulus), message.count <= size - 2 * Self.hashSize - 2 else {
            throw .key("damaged RSA public key")
        }
        let padding = [UInt8](repeating: 0, count: size - message.count - 2 * Self.hashSize - 2)
        var block = labelHash + padding + [1] + message
        defer { block.wipe() }
        var seed = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
        Self.mask(&block, by: seed)
        Self.mask(&seed, by: block)
        return Array(field.power([0] + seed + block, exponent).suffix(size))
    }

    /// Nil if anything is wrong; what exactly must not be told apart.
    func decrypt(_ ciphertext: [UInt8], key: PrivateKey) -> [UInt8]? {
        guard var encoded = (try? key.blindSignature(for: ciphertext)).map({ Array($0.rawRepresentation) }),
            encoded.count == ciphertext.count, encoded.count >= 2 * Self.hashSize + 2
        else { return nil }
        defer { encoded.wipe() }
        var seed = Array(encoded[1...Self.hashSize])
        var block = Array(encoded[(Self.hashSize + 1)...])
        defer { block.wipe() }
        Self.mask(&seed, by: block)
        Self.mask(&block, by: seed)
        let rest = block.dropFirst(Self.hashSize).drop { $0 == 0 }
        let hashDifference = zip(block, labelHash).reduce(0) { $0 | ($1.0 ^ $1.1) }
        guard encoded[0] | hashDifference == 0, rest.first == 1 else { return nil }
        return Array(rest.dropFirst())
    }

    /// XORs `target` with MGF1(seed).
    private static func mask(_ target: inout [UInt8], by seed: [UInt8]) {
        for start in stride(from: 0, to: target.count, by: hashSize) {
            let counter = UInt32(start / hashSize)
            let tail = stride(from: 24, through: 0, by: -8).map { UInt8(counter >> UInt32($0) & 0xFF) }
            let digest = Array(SHA256.hash(data: seed + tail))
            for offset in 0..<min(hashSize, target.count - start) { target[start + offset] ^= digest[offset] }
        }
    }
}
