import Foundation
import Yams

/// Types of YAML scalars as the library behind SOPS resolves them (go-yaml v3 `resolve.go`): YAML 1.2's
/// core, plus old octal numbers, digits with underscores, binary numbers and times.
enum SopsYAMLScalar {
    /// Nil for null.
    static func resolve(_ scalar: Node.Scalar) -> SopsScalar? {
        let tag = scalar.tag.description
        guard scalar.style == .plain, tag.isEmpty else { return SopsScalar(.string, scalar.string) }
        return resolve(plain: scalar.string)
    }

    static func resolve(plain text: String) -> SopsScalar? {
        switch text {
        case "", "~", "null", "Null", "NULL": return nil
        case "true", "True", "TRUE": return SopsScalar(bool: true)
        case "false", "False", "FALSE": return SopsScalar(bool: false)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return SopsScalar(float: .infinity)
        case "-.inf", "-.Inf", "-.INF": return SopsScalar(float: -.infinity)
        case ".nan", ".NaN", ".NAN": return SopsScalar(float: .nan)
        default: break
        }
        guard let first = text.utf8.first, (48...57).contains(first) || "+-.".utf8.contains(first) else {
            return SopsScalar(.string, text)
        }
        return time(text) ?? number(text) ?? SopsScalar(.string, text)
    }

    private static func number(_ text: String) -> SopsScalar? {
        let plain = text.replacing("_", with: "")
        if let integer = integer(plain) { return SopsScalar(.int, String(integer)) }
        guard isFloat(plain), let number = Double(plain) else { return nil }
        return SopsScalar(float: number)
    }

    private static func integer(_ text: String) -> Int? {
        let negative = text.hasPrefix("-")
        let digits = text.hasPrefix("-") || text.hasPrefix("+") ? String(text.dropFirst()) : text
        guard digits.utf8.first.map({ (48...57).contains($0) }) == true else { return nil }
        let prefixes: [(String, Int)] = [("0x", 16), ("0X", 16), ("0o", 8), ("0O", 8), ("0b", 2), ("0B", 2)]
        for (prefix, radix) in prefixes where digits.hasPrefix(prefix) {
            let rest = digits.dropFirst(2)
            guard rest.utf8.first.map({ $0 != 43 && $0 != 45 }) == true else { return nil }
            return Int((negative ? "-" : "") + rest, radix: radix)
        }
        let radix = digits.utf8.count > 1 && digits.hasPrefix("0") ? 8 : 10
        return Int((negative ? "-" : "") + digits, radix: radix)
    }

    /// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
    private static func isFloat(_ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        func digits() -> Int {
            let count = rest.prefix { (48...57).contains($0) }.count
            rest = rest.dropFirst(count)
            return count
        }
        if let sign = rest.first, sign == 43 || sign == 45 { rest = rest.dropFirst() }
        let whole = digits()
        var fraction = 0
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            fraction = digits()
        }
        guard whole + fraction > 0 else { return false }
        if let mark = rest.first, mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            if let sign = rest.first, sign == 43 || sign == 45 { rest = rest.dropFirst() }
            guard digits() > 0 else { return false }
        }
        return rest.isEmpty
    }

    /// Dates and times, in the form that Go writes them: RFC 3339 with the zone as written.
    private static func time(_ text: String) -> SopsScalar? {
        let pattern =
            /(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt]|[ \t]+)(\d{1,2}):(\d{1,2}):(\d{1,2})(\.\d{0,9})?[ \t]*(Z|[-+]\d{2}:\d{2})?)?/
        guard text.utf8.count >= 8, text.utf8.dropFirst(4).first == 45, let match = text.wholeMatch(of: pattern),
            let month = Int(match.2), let day = Int(match.3), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        func two(_ text: Substring?) -> String {
            String(repeating: "0", count: max(0, 2 - (text ?? "").count)) + (text ?? "")
        }
        var fraction = String(match.7 ?? "")
        while fraction.last == "0" { fraction.removeLast() }
        if fraction == "." { fraction = "" }
        let clock = "\(two(match.4)):\(two(match.5)):\(two(match.6))\(fraction)\(match.8.map(String.init) ?? "Z")"
        return SopsScalar(.time, "\(match.1)-\(two(match.2))-\(two(match.3))T\(clock)")
    }
}
