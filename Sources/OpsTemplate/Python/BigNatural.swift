/// A natural number of any size, as far as exact decimal output of doubles needs it.
struct BigNatural {
    /// 32 bits each, the lowest first, without leading zeros.
    private var limbs: [UInt32]

    init(_ number: UInt64) {
        limbs = [UInt32(truncatingIfNeeded: number), UInt32(number >> 32)]
        trim()
    }

    private mutating func trim() { while limbs.last == 0 { limbs.removeLast() } }

    var isZero: Bool { limbs.isEmpty }

    mutating func shiftLeft(_ bits: Int) {
        guard !isZero, bits > 0 else { return }
        let (whole, rest) = (bits / 32, UInt32(bits % 32))
        if rest > 0 {
            var carry: UInt32 = 0
            for index in limbs.indices {
                let limb = limbs[index]
                limbs[index] = limb << rest | carry
                carry = limb >> (32 - rest)
            }
            if carry > 0 { limbs.append(carry) }
        }
        limbs.insert(contentsOf: repeatElement(0, count: whole), at: 0)
    }

    mutating func multiply(by factor: UInt32) {
        var carry: UInt64 = 0
        for index in limbs.indices {
            let product = UInt64(limbs[index]) * UInt64(factor) + carry
            limbs[index] = UInt32(truncatingIfNeeded: product)
            carry = product >> 32
        }
        if carry > 0 { limbs.append(UInt32(carry)) }
    }

    mutating func multiplyByPowerOfTen(_ exponent: Int) {
        for _ in 0..<(exponent / 9) { multiply(by: 1_000_000_000) }
        for _ in 0..<(exponent % 9) { multiply(by: 10) }
    }

    /// Divides in place and gives the remainder.
    private mutating func divide(by divisor: UInt32) -> UInt32 {
        var remainder: UInt64 = 0
        for index in limbs.indices.reversed() {
            let value = remainder << 32 | UInt64(limbs[index])
            limbs[index] = UInt32(value / UInt64(divisor))
            remainder = value % UInt64(divisor)
        }
        trim()
        return UInt32(remainder)
    }

    private var bitWidth: Int { limbs.isEmpty ? 0 : limbs.count * 32 - (limbs.last?.leadingZeroBitCount ?? 0) }

    static func < (a: BigNatural, b: BigNatural) -> Bool {
        a.limbs.count != b.limbs.count
            ? a.limbs.count < b.limbs.count : a.limbs.reversed().lexicographicallyPrecedes(b.limbs.reversed())
    }

    private mutating func subtract(_ other: BigNatural) {
        var borrow: Int64 = 0
        for index in limbs.indices {
            var difference = Int64(limbs[index]) - borrow - (index < other.limbs.count ? Int64(other.limbs[index]) : 0)
            borrow = difference < 0 ? 1 : 0
            if difference < 0 { difference += 1 << 32 }
            limbs[index] = UInt32(difference)
        }
        trim()
    }

    private mutating func add(bit: Bool) {
        shiftLeft(1)
        guard bit else { return }
        if limbs.isEmpty { limbs = [1] } else { limbs[0] |= 1 }
    }

    private func bit(_ index: Int) -> Bool { limbs[index / 32] >> UInt32(index % 32) & 1 == 1 }

    /// Schoolbook division bit by bit: the numbers have at most a few thousand bits.
    func dividedRoundingHalfToEven(by divisor: BigNatural) -> BigNatural {
        var quotient = BigNatural(0)
        var remainder = BigNatural(0)
        for index in stride(from: bitWidth - 1, through: 0, by: -1) {
            remainder.add(bit: bit(index))
            let fits = !(remainder < divisor)
            if fits { remainder.subtract(divisor) }
            quotient.add(bit: fits)
        }
        remainder.shiftLeft(1)
        let isMore = divisor < remainder
        let isHalf = !isMore && !(remainder < divisor)
        if isMore || (isHalf && quotient.limbs.first.map { $0 & 1 == 1 } == true) { quotient.increment() }
        return quotient
    }

    private mutating func increment() {
        for index in limbs.indices {
            limbs[index] &+= 1
            if limbs[index] != 0 { return }
        }
        limbs.append(1)
    }

    /// In decimal.
    var description: String {
        if isZero { return "0" }
        var rest = self
        var groups: [String] = []
        while !rest.isZero {
            let group = String(rest.divide(by: 1_000_000_000))
            groups.append(rest.isZero ? group : String(repeating: "0", count: 9 - group.count) + group)
        }
        return groups.reversed().joined()
    }
}
