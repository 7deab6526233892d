import OpsCore

/// Resolves plain scalars as PyYAML does (YAML 1.1, `yaml/resolver.py` and `yaml/constructor.py`).
///
/// So `yes` is true, `0644` is 420, `1:30` is 90, `1e3` is text. Timestamps stay text, as Python would
/// print them in JSON.
enum YAMLScalar {
    enum Resolved: Equatable {
        case value(Value)
        /// An integer that doesn't fit into 64 bits.
        case tooLarge
        /// A date that doesn't exist, or a sign with a meaning of its own; PyYAML can't read it either.
        case refused(String)
    }

    /// The value of an unquoted scalar.
    static func resolve(_ text: String) -> Resolved {
        guard let first = text.utf8.first else { return .value(.null) }
        switch first {
        case UInt8(ascii: "~"), UInt8(ascii: "n"), UInt8(ascii: "N"), UInt8(ascii: "y"), UInt8(ascii: "Y"),
            UInt8(ascii: "t"), UInt8(ascii: "T"), UInt8(ascii: "f"), UInt8(ascii: "F"), UInt8(ascii: "o"),
            UInt8(ascii: "O"):
            return .value(words[text] ?? .string(text))
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."):
            return number(text)
        default:
            return text == "=" || text == "<<" ? .refused("'\(text)' has a meaning of its own in YAML") : .value(.string(text))
        }
    }

    private static let words: [String: Value] = {
        var words: [String: Value] = ["~": nil, "null": nil, "Null": nil, "NULL": nil]
        for word in ["yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"] { words[word] = true }
        for word in ["no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"] { words[word] = false }
        return words
    }()

    private static func number(_ text: String) -> Resolved {
        let bytes = Array(text.utf8)
        let digits = bytes.filter { $0 != UInt8(ascii: "_") }
        if let radix = integerRadix(bytes) { return integer(digits, radix: radix) }
        if isSexagesimal(bytes, fraction: false) { return sexagesimal(digits) }
        if isFloat(bytes) { return .value(.double(double(digits))) }
        if isSexagesimal(bytes, fraction: true) { return .value(.double(sexagesimalDouble(digits))) }
        do { return .value(.string(try YAMLTimestamp.normalized(text) ?? text)) } catch {
            return .refused("'\(text)' is a date or time that doesn't exist")
        }
    }

    // MARK: Integers

    /// 2, 8, 10 or 16 if the whole text is an integer of that base.
    private static func integerRadix(_ bytes: [UInt8]) -> Int? {
        let rest = withoutSign(bytes)
        guard let first = rest.first else { return nil }
        if first != UInt8(ascii: "0") {
            guard isDigit(first), rest.allSatisfy({ isDigit($0) || $0 == underscore }) else { return nil }
            return 10
        }
        guard rest.count > 1 else { return 10 }
        let second = rest[rest.startIndex + 1]
        let tail = rest.dropFirst(2)
        if second == UInt8(ascii: "b") { return !tail.isEmpty && tail.allSatisfy(isBinary) ? 2 : nil }
        if second == UInt8(ascii: "x") { return !tail.isEmpty && tail.allSatisfy(isHexadecimal) ? 16 : nil }
        return rest.dropFirst().allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) || $0 == underscore }
            ? 8 : nil
    }

    private static func integer(_ digits: [UInt8], radix: Int) -> Resolved {
        let negative = digits.first == UInt8(ascii: "-")
        var rest = String(decoding: withoutSign(digits), as: UTF8.self)
        if radix == 2 || radix == 16 { rest = String(rest.dropFirst(2)) }
        if rest.isEmpty { return .value(.string(String(decoding: digits, as: UTF8.self))) }
        guard let number = Int((negative ? "-" : "") + rest, radix: radix) else { return .tooLarge }
        return .value(.int(number))
    }

    /// `[-+]?[1-9][0-9_]*(:[0-5]?[0-9])+`, with a fraction `\.[0-9_]*` if asked for; then it may begin with 0.
    private static func isSexagesimal(_ bytes: [UInt8], fraction: Bool) -> Bool {
        var rest = withoutSign(bytes)
        if fraction {
            guard let point = rest.firstIndex(of: UInt8(ascii: ".")) else { return false }
            guard rest[(point + 1)...].allSatisfy({ isDigit($0) || $0 == underscore }) else { return false }
            rest = rest[..<point]
        }
        let parts = rest.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count > 1, let first = parts[0].first, isDigit(first), fraction || first != UInt8(ascii: "0"),
            parts[0].allSatisfy({ isDigit($0) || $0 == underscore })
        else { return false }
        return parts.dropFirst().allSatisfy { part in
            part.allSatisfy(isDigit)
                && (part.count == 1 || part.count == 2 && part.first.map { $0 < UInt8(ascii: "6") } == true)
        }
    }

    private static func sexagesimal(_ digits: [UInt8]) -> Resolved {
        var total = 0
        for part in withoutSign(digits).split(separator: UInt8(ascii: ":")) {
            guard let number = Int(String(decoding: part, as: UTF8.self)) else { return .tooLarge }
            let (scaled, overflowed) = total.multipliedReportingOverflow(by: 60)
            let (sum, overflowedAgain) = scaled.addingReportingOverflow(number)
            if overflowed || overflowedAgain { return .tooLarge }
            total = sum
        }
        return .value(.int(digits.first == UInt8(ascii: "-") ? -total : total))
    }

    // MARK: Floats

    private static func isFloat(_ bytes: [UInt8]) -> Bool {
        let rest = withoutSign(bytes)
        let lowered = String(decoding: rest, as: UTF8.self)
        if [".inf", ".Inf", ".INF"].contains(lowered) { return true }
        if rest.count == bytes.count, [".nan", ".NaN", ".NAN"].contains(lowered) { return true }
        guard let point = rest.firstIndex(of: UInt8(ascii: ".")) else { return false }
        let whole = rest[..<point]
        var fraction = rest[(point + 1)...]
        if let exponent = fraction.firstIndex(where: { $0 | 0x20 == UInt8(ascii: "e") }) {
            let power = fraction[(exponent + 1)...]
            guard power.count > 1, power.first == UInt8(ascii: "-") || power.first == UInt8(ascii: "+"),
                power.dropFirst().allSatisfy(isDigit)
            else { return false }
            fraction = fraction[..<exponent]
        }
        guard fraction.allSatisfy({ isDigit($0) || $0 == underscore }) else { return false }
        if let first = whole.first {
            return isDigit(first) && whole.allSatisfy { isDigit($0) || $0 == underscore }
        }
        return rest.count == bytes.count && fraction.first.map(isDigit) == true
    }

    private static func double(_ digits: [UInt8]) -> Double {
        let negative = digits.first == UInt8(ascii: "-")
        let text = String(decoding: withoutSign(digits), as: UTF8.self).lowercased()
        if text == ".inf" { return negative ? -.infinity : .infinity }
        if text == ".nan" { return .nan }
        let number = Double(text.hasPrefix(".") ? "0" + text : padded(text)) ?? 0
        return negative ? -number : number
    }

    /// `1.` and `1.e+3` are numbers for Python, but not for Swift.
    private static func padded(_ text: String) -> String {
        text.hasSuffix(".") ? text + "0" : text.replacing(".e", with: ".0e")
    }

    private static func sexagesimalDouble(_ digits: [UInt8]) -> Double {
        var total = 0.0
        for part in withoutSign(digits).split(separator: UInt8(ascii: ":")) {
            total = total * 60 + (Double(padded(String(decoding: part, as: UTF8.self))) ?? 0)
        }
        return digits.first == UInt8(ascii: "-") ? -total : total
    }

    // MARK: Bytes

    private static let underscore = UInt8(ascii: "_")

    private static func withoutSign(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        bytes.first == UInt8(ascii: "-") || bytes.first == UInt8(ascii: "+") ? bytes.dropFirst() : bytes[...]
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    private static func isBinary(_ byte: UInt8) -> Bool { byte == 48 || byte == 49 || byte == underscore }
    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == underscore || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }
}
