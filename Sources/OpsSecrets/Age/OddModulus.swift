/// Exponentiation modulo an odd number, for public keys only: its time depends on its operands.
///
/// swift-crypto has no raw RSA with an OAEP label and no map from Ed25519 to Curve25519 keys; this is
/// the little arithmetic that both need (Montgomery multiplication, limbs least significant first).
struct OddModulus {
    typealias Limbs = [UInt64]

    private let modulus: Limbs
    /// -1 / modulus mod 2^64.
    private let inverse: UInt64
    /// 2^(128 * count) mod modulus, which takes a number into Montgomery form.
    private let squaredRadix: Limbs

    /// Nil for an even modulus.
    init?(bigEndian bytes: some Collection<UInt8>) {
        modulus = Self.limbs(bytes, count: (bytes.count + 7) / 8)
        guard let low = modulus.first, low & 1 == 1 else { return nil }
        var inverse: UInt64 = 1
        for _ in 0..<6 { inverse = inverse &* (2 &- low &* inverse) }
        self.inverse = 0 &- inverse
        var value = Limbs(repeating: 0, count: modulus.count)
        value[0] = 1
        for _ in 0..<128 * modulus.count { value = Self.double(value, modulo: modulus) }
        squaredRadix = value
    }

    /// base ^ exponent, big-endian, as long as the modulus in whole limbs. `base` must be below the modulus.
    func power(_ base: some Collection<UInt8>, _ exponent: some Collection<UInt8>) -> [UInt8] {
        let base = multiply(Self.limbs(base, count: modulus.count), squaredRadix)
        var one = Limbs(repeating: 0, count: modulus.count)
        one[0] = 1
        var result = multiply(one, squaredRadix)
        for byte in exponent {
            for bit in (0..<8).reversed() {
                result = multiply(result, result)
                if byte >> UInt8(bit) & 1 == 1 { result = multiply(result, base) }
            }
        }
        return Self.bytes(multiply(result, one))
    }

    /// a * b mod modulus, big-endian as in `power`.
    func product(_ a: some Collection<UInt8>, _ b: some Collection<UInt8>) -> [UInt8] {
        let a = multiply(Self.limbs(a, count: modulus.count), squaredRadix)
        return Self.bytes(multiply(a, Self.limbs(b, count: modulus.count)))
    }

    /// a * b / 2^(64 * count) mod modulus.
    private func multiply(_ a: Limbs, _ b: Limbs) -> Limbs {
        let count = modulus.count
        var sum = Limbs(repeating: 0, count: count + 2)
        for i in 0..<count {
            Self.add(a[i], times: b, to: &sum)
            Self.add(sum[0] &* inverse, times: modulus, to: &sum)
            sum.removeFirst()
            sum.append(0)
        }
        return Self.reduced(sum, modulo: modulus)
    }

    private static func add(_ factor: UInt64, times value: Limbs, to sum: inout Limbs) {
        var carry: UInt64 = 0
        for j in 0..<value.count {
            let (high, low) = factor.multipliedFullWidth(by: value[j])
            let (first, overflow1) = sum[j].addingReportingOverflow(low)
            let (second, overflow2) = first.addingReportingOverflow(carry)
            sum[j] = second
            carry = high &+ (overflow1 ? 1 : 0) &+ (overflow2 ? 1 : 0)
        }
        let (top, overflow) = sum[value.count].addingReportingOverflow(carry)
        sum[value.count] = top
        if overflow { sum[value.count + 1] &+= 1 }
    }

    /// `value` minus the modulus if it isn't below it; value < 2 * modulus.
    private static func reduced(_ value: Limbs, modulo modulus: Limbs) -> Limbs {
        var difference = Limbs(repeating: 0, count: modulus.count)
        var borrow: UInt64 = 0
        for i in 0..<modulus.count {
            let (first, under1) = value[i].subtractingReportingOverflow(modulus[i])
            let (second, under2) = first.subtractingReportingOverflow(borrow)
            difference[i] = second
            borrow = under1 || under2 ? 1 : 0
        }
        let top = value.count > modulus.count ? value[modulus.count] : 0
        return top >= borrow ? difference : Limbs(value.prefix(modulus.count))
    }

    private static func double(_ value: Limbs, modulo modulus: Limbs) -> Limbs {
        var doubled = Limbs(repeating: 0, count: value.count + 1)
        for i in 0..<value.count {
            doubled[i] |= value[i] << 1
            doubled[i + 1] = value[i] >> 63
        }
        return reduced(doubled, modulo: modulus)
    }

    private static func limbs(_ bytes: some Collection<UInt8>, count: Int) -> Limbs {
        var limbs = Limbs(repeating: 0, count: count)
        for (index, byte) in bytes.reversed().enumerated() where index / 8 < count {
            limbs[index / 8] |= UInt64(byte) << UInt64(index % 8 * 8)
        }
        return limbs
    }

    private static func bytes(_ limbs: Limbs) -> [UInt8] {
        limbs.reversed().flatMap { limb in (0..<8).reversed().map { UInt8(limb >> UInt64($0 * 8) & 0xFF) } }
    }
}
