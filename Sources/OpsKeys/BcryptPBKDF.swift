import Crypto
import OpsCore

/// OpenBSD's bcrypt_pbkdf, which protects OpenSSH's private keys (openbsd lib/libutil/bcrypt_pbkdf.c).
enum BcryptPBKDF {
    private static let hashSize = 32
    private static let text = Array("OxychromaticBlowfishSwatDynamite".utf8)

    /// - Parameter rounds: cost; ssh-keygen writes 16 or 24
    static func deriveKey(passphrase: Secret, salt: [UInt8], rounds: Int, count: Int) -> [UInt8] {
        let password = passphrase.reveal { Array(SHA512.hash(data: Array($0.utf8))) }
        let blocks = (count + hashSize - 1) / hashSize
        let share = (count + blocks - 1) / blocks
        var key = [UInt8](repeating: 0, count: count)
        for block in 1...blocks {
            let counter = stride(from: 24, through: 0, by: -8).map { UInt8(block >> $0 & 0xFF) }
            var last = hash(password: password, salt: Array(SHA512.hash(data: salt + counter)))
            var sum = last
            for _ in 1..<max(rounds, 1) {
                last = hash(password: password, salt: Array(SHA512.hash(data: last)))
                for index in sum.indices { sum[index] ^= last[index] }
            }
            // The output interleaves the blocks, so that all of them are needed for any part of the key.
            for index in 0..<share {
                let position = index * blocks + block - 1
                if position < count, index < hashSize { key[position] = sum[index] }
            }
        }
        return key
    }

    private static func hash(password: [UInt8], salt: [UInt8]) -> [UInt8] {
        var cipher = Blowfish()
        cipher.expand(key: password, salt: salt)
        for _ in 0..<64 {
            cipher.expand(key: salt)
            cipher.expand(key: password)
        }
        var words = stride(from: 0, to: text.count, by: 4).map { start in
            text[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) }
        }
        for _ in 0..<64 {
            for pair in stride(from: 0, to: words.count, by: 2) {
                (words[pair], words[pair + 1]) = cipher.encrypt(words[pair], words[pair + 1])
            }
        }
        return words.flatMap { word in stride(from: 0, through: 24, by: 8).map { UInt8(word >> UInt32($0) & 0xFF) } }
    }
}

/// Blowfish with bcrypt's salted key schedule; only for `BcryptPBKDF` and `Bcrypt`.
struct Blowfish {
    private var subkeys = Array(BlowfishConstants.words[..<18])
    private var boxes = Array(BlowfishConstants.words[18...])

    @inline(__always)
    func encrypt(_ left: UInt32, _ right: UInt32) -> (UInt32, UInt32) {
        boxes.withUnsafeBufferPointer { boxes in
            subkeys.withUnsafeBufferPointer { subkeys in
                var (left, right) = (left ^ subkeys[0], right)
                for round in stride(from: 1, to: 17, by: 2) {
                    right ^= Self.mix(left, boxes) ^ subkeys[round]
                    left ^= Self.mix(right, boxes) ^ subkeys[round + 1]
                }
                return (right ^ subkeys[17], left)
            }
        }
    }

    @inline(__always)
    private static func mix(_ word: UInt32, _ boxes: UnsafeBufferPointer<UInt32>) -> UInt32 {
        let first = boxes[Int(word >> 24)] &+ boxes[256 + Int(word >> 16 & 255)]
        return (first ^ boxes[512 + Int(word >> 8 & 255)]) &+ boxes[768 + Int(word & 255)]
    }

    /// Mixes a key into the subkeys and re-makes the boxes, fed by the salt where there is one.
    mutating func expand(key: [UInt8], salt: [UInt8]? = nil) {
        var position = 0
        for index in subkeys.indices { subkeys[index] ^= Self.nextWord(key, &position) }
        var (left, right): (UInt32, UInt32) = (0, 0)
        position = 0
        func feed() {
            guard let salt else { return }
            left ^= Self.nextWord(salt, &position)
            right ^= Self.nextWord(salt, &position)
        }
        for index in stride(from: 0, to: subkeys.count, by: 2) {
            feed()
            (left, right) = encrypt(left, right)
            (subkeys[index], subkeys[index + 1]) = (left, right)
        }
        for index in stride(from: 0, to: boxes.count, by: 2) {
            feed()
            (left, right) = encrypt(left, right)
            (boxes[index], boxes[index + 1]) = (left, right)
        }
    }

    /// The next four bytes of a cyclic key.
    @inline(__always)
    private static func nextWord(_ bytes: [UInt8], _ position: inout Int) -> UInt32 {
        var word: UInt32 = 0
        for _ in 0..<4 {
            word = word << 8 | UInt32(bytes[position])
            position = position + 1 == bytes.count ? 0 : position + 1
        }
        return word
    }
}
