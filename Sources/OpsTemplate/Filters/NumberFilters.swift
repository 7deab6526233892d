import OpsCore

extension FunctionTable {
    static let numberFilters: [FunctionDefinition] = [
        FunctionDefinition("abs") { call in
            switch call.subject {
            case .double(let number): return .double(number.magnitude)
            default:
                guard let number = call.subject.integer else {
                    throw call.fail("needs a number, not \(call.subject.kindName)")
                }
                return try number < 0 ? PythonNumber.checked((0).subtractingReportingOverflow(number)) : .int(number)
            }
        },
        FunctionDefinition("int", "default? base?") { call in
            let fallback = call[0] ?? .int(0)
            switch call.subject {
            case .double(let number): return number.isNaN ? fallback : .int(try PythonNumber.truncate(number))
            case .string, .markup, .secret:
                let text = try call.subjectText()
                if let number = try PythonNumber.parseInteger(text, base: try call.int(1, default: 10)) {
                    return .int(number)
                }
                if let number = PythonNumber.parseFloat(text), number.isFinite {
                    return .int(try PythonNumber.truncate(number))
                }
                return fallback
            default: return call.subject.integer.map { .int($0) } ?? fallback
            }
        },
        FunctionDefinition("float", "default?") { call in
            if let number = call.subject.number { return .double(number) }
            if call.subject.isText, let number = PythonNumber.parseFloat(try call.subjectText()) {
                return .double(number)
            }
            return call[0] ?? .double(0)
        },
        FunctionDefinition("round", "precision? method?") { call in
            guard let number = call.subject.number else {
                throw call.fail("needs a number, not \(call.subject.kindName)")
            }
            let (precision, method) = (try call.int(0, default: 0), try call.string(1, default: "common"))
            let factor = PythonNumber.power(10.0, Double(precision))
            switch method {
            case "common":
                if case .int(let integer) = call.subject, precision >= 0 { return .int(integer) }
                let rounded = PythonNumber.rounded(number, digits: precision)
                return call.subject.integer != nil ? .int(try PythonNumber.truncate(rounded)) : .double(rounded)
            case "ceil": return .double((number * factor).rounded(.up) / factor)
            case "floor": return .double((number * factor).rounded(.down) / factor)
            default: throw call.fail("the method must be common, ceil or floor")
            }
        },
        FunctionDefinition("filesizeformat", "binary?") { call in
            let number = try call.subject.number ?? PythonNumber.parseFloat(call.subjectPrinted())
            guard let bytes = number else { throw call.fail("needs a number, not \(call.subject.kindName)") }
            return .string(fileSize(bytes, binary: try call.bool(0)))
        },
        FunctionDefinition("sum", "attribute? start?") { call in
            var total = call[1] ?? .int(0)
            if total.isText { throw call.fail("texts cannot be summed up", hints: ["use join"]) }
            for item in try call.subjectItems() {
                let value = try call.given(0).map { try AttributePath($0).value(of: item, call.frame) } ?? item
                total = try Operators.apply(.add, total, value, call.frame)
            }
            return total
        },
    ]

    private static func fileSize(_ bytes: Double, binary: Bool) -> String {
        let base: Double = binary ? 1024 : 1000
        if bytes == 1 { return "1 Byte" }
        if bytes < base { return "\(Int(clamping: Int64(bytes))) Bytes" }
        var unit = base
        let prefixes =
            binary ? ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"] : ["k", "M", "G", "T", "P", "E", "Z", "Y"]
        for prefix in prefixes {
            unit *= base
            if bytes < unit || prefix == prefixes.last {
                return DecimalText.fixed(base * bytes / unit, precision: 1) + " \(prefix)B"
            }
        }
        return ""
    }
}

extension PythonNumber {
    /// `int(text, base)`; nil if it is no integer.
    static func parseInteger(_ text: String, base: Int = 10) throws -> Int? {
        var digits = PythonText.withASCIIDigits(PythonText.strip(text)).replacingText("_", with: "")
        var isNegative = false
        if let sign = digits.first, sign == "+" || sign == "-" {
            isNegative = sign == "-"
            digits.removeFirst()
        }
        var base = base
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)]
        where digits.lowercased().hasPrefix(prefix) && (base == radix || base == 0) {
            digits.removeFirst(2)
            base = radix
        }
        if base == 0 { base = 10 }
        guard (2...36).contains(base), !digits.isEmpty,
            digits.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) })
        else { return nil }
        guard digits.utf8.allSatisfy({ Int(String(Unicode.Scalar($0)), radix: base) != nil }) else { return nil }
        guard let number = Int((isNegative ? "-" : "") + digits, radix: base) else { throw overflow }
        return number
    }

    /// `float(text)`; nil if it is no number.
    static func parseFloat(_ text: String) -> Double? {
        let trimmed = PythonText.withASCIIDigits(PythonText.strip(text)).replacingText("_", with: "")
        switch trimmed.lowercased() {
        case "inf", "+inf", "infinity", "+infinity": return .infinity
        case "-inf", "-infinity": return -.infinity
        case "nan", "+nan", "-nan": return .nan
        default: break
        }
        guard trimmed.utf8.allSatisfy({ Lexer.isDigit($0) || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains($0) }) else {
            return nil
        }
        return Double(trimmed)
    }

    /// Python's `round(number, digits)`: correctly rounded, halves to even on the exact value.
    static func rounded(_ number: Double, digits: Int) -> Double {
        guard number.isFinite, digits < 300 else { return number }
        if digits > 0 {
            return Double((number < 0 ? "-" : "") + DecimalText.fixed(number.magnitude, precision: digits)) ?? number
        }
        if digits == 0 { return number.rounded(.toNearestOrEven) }
        let factor = power(10.0, Double(-digits))
        return factor.isFinite ? (number / factor).rounded(.toNearestOrEven) * factor : 0
    }
}
