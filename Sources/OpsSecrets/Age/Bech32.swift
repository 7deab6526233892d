/// Bech32 (BIP 173) without its length limit, as age uses it for keys.
enum Bech32 {
    private static let alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)

    /// Lower-case text for a human-readable prefix and bytes.
    static func encode(prefix: String, bytes: [UInt8]) -> String {
        guard let groups = regroup(bytes, from: 8, to: 5, padding: true) else { return "" }
        let expanded = expand(Array(prefix.utf8)) + groups
        let sum = polymod(expanded + [UInt8](repeating: 0, count: 6)) ^ 1
        let checksum = (0..<6).map { UInt8(sum >> UInt32(5 * (5 - $0)) & 31) }
        return prefix + "1" + String(decoding: (groups + checksum).map { alphabet[Int($0)] }, as: UTF8.self)
    }

    /// Prefix (lower case) and bytes; nil for mixed case, a wrong checksum or non-zero padding.
    static func decode(_ text: String) -> (prefix: String, bytes: [UInt8])? {
        let lower = text.lowercased()
        guard text == lower || text == text.uppercased(), text.utf8.allSatisfy({ (33...126).contains($0) }),
            let separator = lower.utf8.lastIndex(of: UInt8(ascii: "1"))
        else { return nil }
        let prefix = lower.utf8[..<separator]
        var groups: [UInt8] = []
        for character in lower.utf8[lower.utf8.index(after: separator)...] {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            groups.append(UInt8(value))
        }
        guard !prefix.isEmpty, groups.count >= 6, polymod(expand(Array(prefix)) + groups) == 1,
            let bytes = regroup(groups.dropLast(6), from: 5, to: 8, padding: false)
        else { return nil }
        return (String(decoding: prefix, as: UTF8.self), bytes)
    }

    private static func expand(_ prefix: [UInt8]) -> [UInt8] {
        prefix.map { $0 >> 5 } + [0] + prefix.map { $0 & 31 }
    }

    private static func polymod(_ values: [UInt8]) -> UInt32 {
        let generator: [UInt32] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3]
        var sum: UInt32 = 1
        for value in values {
            let top = sum >> 25
            sum = (sum & 0x1ff_ffff) << 5 ^ UInt32(value)
            for bit in 0..<5 where top >> UInt32(bit) & 1 == 1 { sum ^= generator[bit] }
        }
        return sum
    }

    private static func regroup(
        _ values: some Sequence<UInt8>, from: Int, to: Int, padding: Bool
    ) -> [UInt8]? {
        var result: [UInt8] = []
        var buffer: UInt32 = 0
        var bits = 0
        for value in values {
            buffer = (buffer << UInt32(from) | UInt32(value)) & 0xFFFF
            bits += from
            while bits >= to {
                bits -= to
                result.append(UInt8(buffer >> UInt32(bits) & (1 << UInt32(to) - 1)))
            }
        }
        let rest = buffer << UInt32(to - bits) & (1 << UInt32(to) - 1)
        if padding {
            if bits > 0 { result.append(UInt8(rest)) }
        } else if bits >= from || rest != 0 {
            return nil
        }
        return result
    }
}
