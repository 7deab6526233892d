import OpsCore

/// Python's arithmetic on 64-bit integers and doubles.
enum PythonNumber {
    /// `repr()` of a float: the shortest text that reads back the same.
    static func repr(_ number: Double) -> String {
        guard number.isFinite else { return number.isNaN ? "nan" : number < 0 ? "-inf" : "inf" }
        var (digits, exponent) = shortest(number.magnitude)
        let sign = number.sign == .minus ? "-" : ""
        if exponent < -4 || exponent >= 16 {
            let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
            let magnitude = abs(exponent)
            return
                "\(sign)\(digits.prefix(1))\(fraction)e\(exponent < 0 ? "-" : "+")\(magnitude < 10 ? "0" : "")\(magnitude)"
        }
        if exponent < 0 { return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits }
        if digits.count <= exponent + 1 {
            digits += String(repeating: "0", count: exponent + 1 - digits.count)
            return sign + digits + ".0"
        }
        return sign + digits.prefix(exponent + 1) + "." + digits.dropFirst(exponent + 1)
    }

    /// The significant digits without trailing zeros, and the decimal exponent of the first one.
    private static func shortest(_ number: Double) -> (digits: String, exponent: Int) {
        if number == 0 { return ("0", 0) }
        var mantissa = number.description[...]
        var exponent = 0
        if let mark = mantissa.firstIndex(of: "e") {
            exponent = Int(mantissa[mantissa.index(after: mark)...]) ?? 0
            mantissa = mantissa[..<mark]
        }
        let point = mantissa.firstIndex(of: ".") ?? mantissa.endIndex
        let whole = mantissa[..<point]
        let fraction = mantissa[point...].dropFirst()
        let all = String(whole + fraction)
        let leading = all.prefix { $0 == "0" }.count
        var digits = all.dropFirst(leading)
        while digits.last == "0", digits.count > 1 { digits.removeLast() }
        return (String(digits), exponent + whole.count - 1 - leading)
    }

    /// The exponent of the first significant decimal digit.
    static func decimalExponent(_ number: Double) -> Int { shortest(number.magnitude).exponent }

    static let overflow = Diagnostic(
        code: "template-overflow", "the result is too large for an integer, the limit is 64 bits",
        hints: ["use a float, such as 1.0 * x, if it need not be exact"])

    static let divisionByZero = Diagnostic(code: "template-arithmetic", "division by zero")

    static func checked(_ result: (partialValue: Int, overflow: Bool)) throws -> JinjaValue {
        if result.overflow { throw overflow }
        return .int(result.partialValue)
    }

    static func floorDivide(_ a: Int, _ b: Int) throws -> Int {
        if b == 0 { throw divisionByZero }
        let (quotient, remainder) = (a.dividedReportingOverflow(by: b), b == -1 ? 0 : a % b)
        if quotient.overflow { throw overflow }
        return remainder != 0 && (remainder < 0) != (b < 0) ? quotient.partialValue - 1 : quotient.partialValue
    }

    static func modulo(_ a: Int, _ b: Int) throws -> Int {
        if b == 0 { throw divisionByZero }
        let remainder = b == -1 ? 0 : a % b
        return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder
    }

    static func modulo(_ a: Double, _ b: Double) throws -> Double {
        if b == 0 { throw divisionByZero }
        let remainder = a.truncatingRemainder(dividingBy: b)
        if remainder == 0 { return b < 0 ? -0.0 : 0.0 }
        return (remainder < 0) != (b < 0) ? remainder + b : remainder
    }

    static func floorDivide(_ a: Double, _ b: Double) throws -> Double {
        if b == 0 { throw divisionByZero }
        let remainder = try modulo(a, b)
        let quotient = (a - remainder) / b
        // The sign of a zero is that of the exact quotient.
        return quotient == 0 ? Double(signOf: a / b, magnitudeOf: 0) : quotient.rounded(.toNearestOrEven)
    }

    /// The quotient of two integers, rounded once however large they are.
    static func divide(_ a: Int, _ b: Int) throws -> Double {
        if b == 0 { throw divisionByZero }
        let exact = UInt(1) << 53
        if a.magnitude <= exact, b.magnitude <= exact { return Double(a) / Double(b) }
        // At least 55 bits of the quotient; the last of them stands for all that follow it.
        let shift = max(0, 55 + a.magnitude.leadingZeroBitCount - b.magnitude.leadingZeroBitCount)
        let dividend = UInt128(a.magnitude) << UInt128(shift)
        let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: UInt128(b.magnitude))
        let rounded = Double(UInt64(quotient) | (remainder == 0 ? 0 : 1))
        return Double(sign: (a < 0) != (b < 0) ? .minus : .plus, exponent: -shift, significand: rounded)
    }

    /// `a ** b` of integers: an integer, or a float for a negative exponent.
    static func power(_ base: Int, _ exponent: Int) throws -> JinjaValue {
        if exponent < 0 {
            if base == 0 { throw Diagnostic(code: "template-arithmetic", "zero cannot be raised to a negative power") }
            return .double(power(Double(base), Double(exponent)))
        }
        var result = 1
        var square = base
        var rest = exponent
        while rest > 0 {
            if rest & 1 == 1 {
                let product = result.multipliedReportingOverflow(by: square)
                if product.overflow { throw overflow }
                result = product.partialValue
            }
            rest >>= 1
            if rest == 0 { break }
            let product = square.multipliedReportingOverflow(by: square)
            if product.overflow {
                if result == 0 || base == 0 { return .int(0) }
                throw overflow
            }
            square = product.partialValue
        }
        return .int(result)
    }

    /// The integer part; an error for what is not finite or too large.
    static func truncate(_ number: Double) throws -> Int {
        guard let integer = Int(exactly: number.rounded(.towardZero)) else { throw overflow }
        return integer
    }
}
