/// Text between double quotes with backslash escapes, as JSON (RFC 8259, section 7) and YAML's double-quoted
/// style both read it.
public enum QuotedString {
    /// - Parameter isEscaped: characters to write as `\uXXXX` besides the control characters below space; none
    ///   beyond the Basic Multilingual Plane.
    public static func of(_ text: String, escaping isEscaped: (Unicode.Scalar) -> Bool = { _ in false }) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || isEscaped(scalar):
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
