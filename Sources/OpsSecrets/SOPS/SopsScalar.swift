import Foundation

/// A typed value as SOPS knows it: its type and the bytes that are encrypted and summed.
///
/// Text, number, flag and time each have one canonical form (sops.go `ToBytes`), which both the
/// ciphertext and the MAC are made of.
struct SopsScalar: Hashable, Sendable {
    enum Kind: String, Sendable {
        case string = "str"
        case int, float, bytes, bool, time, comment
    }

    var kind: Kind
    var text: String

    /// By bytes: texts that only differ in their Unicode normalization are two values.
    static func == (one: SopsScalar, other: SopsScalar) -> Bool {
        one.kind == other.kind && one.text.utf8.elementsEqual(other.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(kind)
        hasher.combine(text)
    }

    /// Whether no format takes the text for more than one line.
    var isOneLine: Bool {
        !text.unicodeScalars.contains { (0x0A...0x0D).contains($0.value) || [0x85, 0x2028, 0x2029].contains($0.value) }
    }

    init(_ kind: Kind, _ text: String) { (self.kind, self.text) = (kind, text) }

    init(float: Double) { self.init(.float, Self.shortest(float)) }

    init(bool: Bool) { self.init(.bool, bool ? "True" : "False") }

    /// Shortest decimal digits that read back as the same number, never with an exponent (Go's 'f', -1).
    static func shortest(_ number: Double) -> String {
        guard number.isFinite else { return number.isNaN ? "NaN" : number < 0 ? "-Inf" : "+Inf" }
        let text = "\(number)"
        let parts = text.split(separator: "e", maxSplits: 1)
        let exponent = parts.count == 2 ? Int(parts[1]) ?? 0 : 0
        let negative = parts[0].hasPrefix("-")
        let halves = parts[0].drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false)
        var digits = String(halves[0])
        var fraction = halves.count == 2 && halves[1] != "0" ? String(halves[1]) : ""
        if exponent > 0 {
            fraction += String(repeating: "0", count: max(0, exponent - fraction.count))
            digits += fraction.prefix(exponent)
            fraction = String(fraction.dropFirst(exponent))
        } else if exponent < 0 {
            digits = String(repeating: "0", count: max(0, 1 - exponent - digits.count)) + digits
            fraction = String(digits.suffix(-exponent)) + fraction
            digits = String(digits.dropLast(-exponent))
        }
        let whole = digits.drop { $0 == "0" }
        return (negative ? "-" : "") + (whole.isEmpty ? "0" : whole) + (fraction.isEmpty ? "" : "." + fraction)
    }

    /// RFC 3339. A time is written without quotes, so nothing else may pass for one.
    private static func isTime(_ text: String) -> Bool {
        let pattern =
            /[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[-+][0-9]{2}:[0-9]{2})/
        return text.wholeMatch(of: pattern) != nil
    }

    /// The same value in canonical form; nil if the text doesn't fit the type.
    var canonical: SopsScalar? {
        switch kind {
        case .string, .bytes, .comment: self
        case .time: Self.isTime(text) ? self : nil
        case .int: Int(text).map { SopsScalar(.int, String($0)) }
        case .float:
            switch text {
            case "+Inf", "-Inf", "NaN": self
            default: Double(text).map(SopsScalar.init(float:))
            }
        case .bool:
            switch text {
            case "1", "t", "T", "true", "TRUE", "True": SopsScalar(bool: true)
            case "0", "f", "F", "false", "FALSE", "False": SopsScalar(bool: false)
            default: nil
            }
        }
    }
}
