import OpsCore

/// Python's number literals.
enum PythonNumber {
    /// nil if the text is no number; an imaginary one is the text that Python prints for it.
    static func value(_ text: String, isNegative: Bool) throws(PythonLiteral.TooLarge) -> Value? {
        // Most values are plain integers or addresses; both are known at a glance.
        if text.utf8.allSatisfy({ (48...57).contains($0) }), text.utf8.first != 48 {
            return try integer(text, radix: 10, isNegative: isNegative)
        }
        if text.utf8.count(where: { $0 == UInt8(ascii: ".") }) > 1 { return nil }
        let lowered = text.lowercased()
        if let radix = ["0x": 16, "0o": 8, "0b": 2][lowered.prefix(2)] {
            let digits = lowered.dropFirst(2)
            guard hasGoodUnderscores(digits.drop { $0 == "_" }) else { return nil }
            return try integer(digits.filter { $0 != "_" }, radix: radix, isNegative: isNegative)
        }
        guard hasGoodUnderscores(lowered[...]) else { return nil }
        let plain = lowered.filter { $0 != "_" }
        if plain.utf8.allSatisfy({ (48...57).contains($0) }) {
            // `0644` is no literal, but `00` is.
            if plain.first == "0", plain.contains(where: { $0 != "0" }) { return nil }
            return try integer(plain, radix: 10, isNegative: isNegative)
        }
        guard plain.utf8.allSatisfy({ (48...57).contains($0) || ".e+-".utf8.contains($0) }) else { return nil }
        return float(plain)
    }

    private static func integer(_ digits: String, radix: Int, isNegative: Bool) throws(PythonLiteral.TooLarge) -> Value?
    {
        guard !digits.isEmpty, radix == 10 || digits.allSatisfy({ $0.hexDigitValue.map { $0 < radix } ?? false }) else {
            return nil
        }
        guard let number = Int((isNegative ? "-" : "") + digits, radix: radix) else { throw PythonLiteral.TooLarge() }
        return .int(number)
    }

    private static func float(_ text: String) -> Value? {
        let parts = text.split(separator: "e", maxSplits: 1, omittingEmptySubsequences: false)
        var mantissa = String(parts[0])
        guard mantissa.contains(where: \.isNumber), mantissa.count(where: { $0 == "." }) <= 1,
            !mantissa.contains("+"), !mantissa.contains("-")
        else { return nil }
        if mantissa.first == "." { mantissa = "0" + mantissa }
        if mantissa.last == "." { mantissa += "0" }
        guard parts.count == 2 else { return Double(mantissa).map(Value.double) }
        let digits = parts[1].first == "+" || parts[1].first == "-" ? parts[1].dropFirst() : parts[1]
        guard !digits.isEmpty, digits.allSatisfy(\.isNumber) else { return nil }
        return Double(mantissa + "e" + parts[1]).map(Value.double)
    }

    /// Single ones, between digits only.
    private static func hasGoodUnderscores(_ text: Substring) -> Bool {
        guard text.utf8.contains(UInt8(ascii: "_")) else { return true }
        return text.first != "_" && text.last != "_"
            && !text.contains("__") && !text.contains("_.") && !text.contains("._")
    }
}
