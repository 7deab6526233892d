import Crypto
import Foundation

/// The payload cipher of age: ChaCha20-Poly1305 in chunks of 64 KiB, whose nonce is a counter and an
/// end mark, so that chunks can't be swapped, dropped or added.
struct AgeStream {
    static let chunkSize = 65_536
    static let tagSize = 16
    static let nonceSize = 16

    private let key: SymmetricKey
    private var counter: UInt64 = 0
    private var finished = false

    init(fileKey: SymmetricKey, nonce: some DataProtocol) {
        key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: fileKey, salt: Data(nonce), info: Data("payload".utf8), outputByteCount: 32)
    }

    /// Eleven bytes of counter, of which 64 bits are more than any file needs, and one of end mark.
    private mutating func nextNonce(last: Bool) throws(AgeError) -> ChaChaPoly.Nonce {
        guard !finished, counter < .max else { throw .payload("data after the last chunk") }
        var bytes: [UInt8] = [0, 0, 0]
        for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(counter >> UInt64(shift) & 0xFF)) }
        bytes.append(last ? 1 : 0)
        counter += 1
        finished = last
        do { return try ChaChaPoly.Nonce(data: bytes) } catch { throw .payload("nonce") }
    }

    mutating func seal(_ chunk: some DataProtocol, last: Bool) throws(AgeError) -> [UInt8] {
        let nonce = try nextNonce(last: last)
        do {
            let box = try ChaChaPoly.seal(chunk, using: key, nonce: nonce)
            return Array(box.ciphertext) + Array(box.tag)
        } catch { throw .payload("encryption failed") }
    }

    mutating func open(_ chunk: some Collection<UInt8>, last: Bool) throws(AgeError) -> [UInt8] {
        guard chunk.count >= Self.tagSize else { throw .payload("it is cut short") }
        let isFirst = counter == 0
        guard isFirst || chunk.count > Self.tagSize else { throw .payload("its last chunk is empty") }
        let nonce = try nextNonce(last: last)
        do {
            let box = try ChaChaPoly.SealedBox(
                nonce: nonce, ciphertext: Data(chunk.dropLast(Self.tagSize)),
                tag: Data(chunk.suffix(Self.tagSize)))
            return Array(try ChaChaPoly.open(box, using: key))
        } catch { throw .payload("it was changed or cut short") }
    }
}
