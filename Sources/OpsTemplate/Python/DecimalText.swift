/// Doubles as decimal text with a given precision, correctly rounded (half to even on the exact value).
enum DecimalText {
    /// `%.{precision}f` of a non-negative number.
    static func fixed(_ number: Double, precision: Int) -> String {
        let digits = scaled(number, fractionDigits: precision)
        guard precision > 0 else { return digits }
        let padded = String(repeating: "0", count: max(0, precision + 1 - digits.count)) + digits
        return padded.dropLast(precision) + "." + padded.suffix(precision)
    }

    /// `%.{precision}e` of a non-negative number.
    static func exponent(_ number: Double, precision: Int) -> String {
        let (digits, exponent) = significant(number, precision + 1)
        let fraction = precision > 0 ? "." + digits.dropFirst() : ""
        let magnitude = abs(exponent)
        return "\(digits.prefix(1))\(fraction)e\(exponent < 0 ? "-" : "+")\(magnitude < 10 ? "0" : "")\(magnitude)"
    }

    /// `%.{precision}g` of a non-negative number.
    static func general(_ number: Double, precision: Int, keepsZeros: Bool) -> String {
        let exponent = significant(number, precision).exponent
        var text: String
        if exponent < -4 || exponent >= precision {
            text = DecimalText.exponent(number, precision: precision - 1)
            guard !keepsZeros, let mark = text.firstIndex(of: "e") else { return text }
            return withoutTrailingZeros(String(text[..<mark])) + text[mark...]
        }
        text = fixed(number, precision: max(0, precision - 1 - exponent))
        return keepsZeros ? text : withoutTrailingZeros(text)
    }

    private static func withoutTrailingZeros(_ text: String) -> String {
        guard text.contains(".") else { return text }
        var text = text[...]
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return String(text)
    }

    /// The first `count` digits, rounded, and the decimal exponent of the first one.
    private static func significant(_ number: Double, _ count: Int) -> (digits: String, exponent: Int) {
        if number == 0 { return (String(repeating: "0", count: count), 0) }
        var exponent = PythonNumber.decimalExponent(number)
        var digits = scaled(number, fractionDigits: count - 1 - exponent)
        if digits.count > count {
            exponent += 1
            digits = scaled(number, fractionDigits: count - 1 - exponent)
        }
        return (digits, exponent)
    }

    /// `number * 10^fractionDigits`, rounded to an integer, in decimal; exact by big-integer arithmetic.
    private static func scaled(_ number: Double, fractionDigits: Int) -> String {
        if number == 0 { return "0" }
        var numerator = BigNatural(number.significandInteger)
        var denominator = BigNatural(1)
        if number.binaryExponentOfInteger >= 0 {
            numerator.shiftLeft(number.binaryExponentOfInteger)
        } else {
            denominator.shiftLeft(-number.binaryExponentOfInteger)
        }
        if fractionDigits >= 0 {
            numerator.multiplyByPowerOfTen(fractionDigits)
        } else {
            denominator.multiplyByPowerOfTen(-fractionDigits)
        }
        return numerator.dividedRoundingHalfToEven(by: denominator).description
    }
}

extension Double {
    /// The significand as an integer: `significandInteger * 2^binaryExponentOfInteger` is the number.
    fileprivate var significandInteger: UInt64 {
        exponentBitPattern == 0 ? significandBitPattern : significandBitPattern | 1 << 52
    }

    fileprivate var binaryExponentOfInteger: Int { (exponentBitPattern == 0 ? 1 : Int(exponentBitPattern)) - 1075 }
}
