import Crypto
import OpsCore

/// Python's `random.Random(seed)`: the same seed gives the same numbers, so that `random(seed=…)` and
/// `shuffle(seed=…)` choose what they choose in Ansible.
struct MersenneTwister {
    private var state = [UInt32](repeating: 0, count: 624)
    private var index = 624

    init(seed: JinjaValue) throws {
        if let text = seed.text {
            let bytes = Array(text.utf8)
            self.init(bigEndian: bytes + Array(SHA512.hash(data: bytes)))
        } else if let number = seed.integer {
            self.init(bigEndian: withUnsafeBytes(of: UInt64(number.magnitude).bigEndian) { Array($0) })
        } else {
            throw Diagnostic(code: "template-type", "the seed must be a string or an integer, not \(seed.kindName)")
        }
    }

    /// - Parameter bytes: a number of any size.
    private init(bigEndian bytes: [UInt8]) {
        var words: [UInt32] = []
        for (index, byte) in bytes.reversed().enumerated() {
            if index % 4 == 0 { words.append(0) }
            words[index / 4] |= UInt32(byte) << UInt32(index % 4 * 8)
        }
        while words.count > 1, words.last == 0 { words.removeLast() }
        seed(words)
    }

    private mutating func seed(_ key: [UInt32]) {
        state[0] = 19_650_218
        for i in 1..<624 { state[i] = 1_812_433_253 &* (state[i - 1] ^ state[i - 1] >> 30) &+ UInt32(i) }
        var (i, j) = (1, 0)
        for _ in 0..<max(624, key.count) {
            state[i] = (state[i] ^ (state[i - 1] ^ state[i - 1] >> 30) &* 1_664_525) &+ key[j] &+ UInt32(j)
            i += 1
            j = (j + 1) % key.count
            if i == 624 { state[0] = state[623]; i = 1 }
        }
        for _ in 0..<623 {
            state[i] = (state[i] ^ (state[i - 1] ^ state[i - 1] >> 30) &* 1_566_083_941) &- UInt32(i)
            i += 1
            if i == 624 { state[0] = state[623]; i = 1 }
        }
        state[0] = 0x8000_0000
    }

    private mutating func next() -> UInt32 {
        if index == 624 {
            for i in 0..<624 {
                let mixed = state[i] & 0x8000_0000 | state[(i + 1) % 624] & 0x7FFF_FFFF
                state[i] = state[(i + 397) % 624] ^ mixed >> 1 ^ (mixed & 1 == 0 ? 0 : 0x9908_B0DF)
            }
            index = 0
        }
        var value = state[index]
        index += 1
        value ^= value >> 11
        value ^= value << 7 & 0x9D2C_5680
        value ^= value << 15 & 0xEFC6_0000
        return value ^ value >> 18
    }

    private mutating func bits(_ count: Int) -> UInt64 {
        if count <= 32 { return UInt64(next() >> UInt32(32 - count)) }
        let low = UInt64(next())
        return low | UInt64(next() >> UInt32(64 - count)) << 32
    }

    /// A number from 0 up to, and not including, `limit`.
    mutating func below(_ limit: Int) -> Int {
        let width = Int.bitWidth - limit.leadingZeroBitCount
        while true {
            let value = bits(width)
            if value < UInt64(limit) { return Int(value) }
        }
    }
}
