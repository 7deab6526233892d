import OpsCore

/// How one value is laid out: Python's format mini-language, which `%` formatting maps to as well.
struct FormatSpecification {
    var fill: Unicode.Scalar = " "
    /// `<`, `>`, `^` or `=`; nil for the kind's default.
    var alignment: Unicode.Scalar?
    /// `+`, `-` or space.
    var sign: Unicode.Scalar = "-"
    var isAlternate = false
    var width = 0
    /// `,` or `_`.
    var grouping: Unicode.Scalar?
    var precision: Int?
    var type: Unicode.Scalar?

    init() {}

    /// Reads `[[fill]align][sign][#][0][width][grouping][.precision][type]`.
    init(_ text: String) throws {
        var rest = Array(text.unicodeScalars)[...]
        let alignments: Set<Unicode.Scalar> = ["<", ">", "^", "="]
        if rest.count > 1, alignments.contains(rest[rest.startIndex + 1]) {
            fill = rest.removeFirst()
            alignment = rest.removeFirst()
        } else if let first = rest.first, alignments.contains(first) {
            alignment = rest.removeFirst()
        }
        if let first = rest.first, ["+", "-", " "].contains(first) { sign = rest.removeFirst() }
        if rest.first == "#" { isAlternate = true; rest.removeFirst() }
        if rest.first == "0" {
            rest.removeFirst()
            if alignment == nil { (fill, alignment) = ("0", "=") }
        }
        width = try FormatSpecification.number(&rest) ?? 0
        if let first = rest.first, first == "," || first == "_" { grouping = rest.removeFirst() }
        if rest.first == "." {
            rest.removeFirst()
            guard let number = try FormatSpecification.number(&rest) else { throw FormatSpecification.invalid }
            precision = number
        }
        if let first = rest.first { type = first; rest.removeFirst() }
        guard rest.isEmpty else { throw FormatSpecification.invalid }
    }

    static let invalid = Diagnostic(code: "template-value", "invalid format specifier")

    /// The most characters a width or precision may ask for.
    static let maximumWidth = 10_000

    static func number(_ scalars: inout ArraySlice<Unicode.Scalar>) throws -> Int? {
        var number: Int?
        while let first = scalars.first, ("0"..."9").contains(first) {
            number = (number ?? 0) * 10 + Int(first.value - 0x30)
            guard number ?? 0 <= maximumWidth else {
                throw Limits.exceeded("the width or precision is too large", maximumWidth)
            }
            scalars.removeFirst()
        }
        return number
    }

    // MARK: Laying out

    func string(_ text: String) -> String {
        let shown = precision.map { String(text.unicodeScalars.prefix($0)) } ?? text
        return padded("", shown, default: "<")
    }

    func integer(_ number: Int) throws -> String {
        switch type {
        case "d", "n", nil: return laidOut(number < 0, "", grouped(String(number.magnitude)))
        case "b": return laidOut(number < 0, isAlternate ? "0b" : "", String(number.magnitude, radix: 2))
        case "o": return laidOut(number < 0, isAlternate ? "0o" : "", String(number.magnitude, radix: 8))
        case "x": return laidOut(number < 0, isAlternate ? "0x" : "", String(number.magnitude, radix: 16))
        case "X":
            return laidOut(number < 0, isAlternate ? "0X" : "", String(number.magnitude, radix: 16, uppercase: true))
        case "c":
            guard let scalar = UInt32(exactly: number).flatMap(Unicode.Scalar.init) else {
                throw FormatSpecification.invalid
            }
            return padded("", String(scalar), default: "<")
        default: return try double(Double(number))
        }
    }

    func double(_ number: Double) throws -> String {
        let magnitude = number.magnitude
        let isNegative = number.sign == .minus && !number.isNaN
        guard number.isFinite else {
            let text = number.isNaN ? "nan" : "inf"
            return laidOut(isNegative, "", type == "F" || type == "E" || type == "G" ? text.uppercased() : text)
        }
        switch type {
        case nil:
            guard let precision else { return laidOut(isNegative, "", grouped(PythonNumber.repr(magnitude))) }
            var text = DecimalText.general(magnitude, precision: max(precision, 1), keepsZeros: false)
            if !text.contains(".") && !text.contains("e") { text += ".0" }
            return laidOut(isNegative, "", grouped(text))
        case "f", "F": return laidOut(isNegative, "", grouped(DecimalText.fixed(magnitude, precision: precision ?? 6)))
        case "e": return laidOut(isNegative, "", DecimalText.exponent(magnitude, precision: precision ?? 6))
        case "E":
            return laidOut(isNegative, "", DecimalText.exponent(magnitude, precision: precision ?? 6).uppercased())
        case "g", "n": return laidOut(isNegative, "", grouped(general(magnitude)))
        case "G": return laidOut(isNegative, "", grouped(general(magnitude)).uppercased())
        case "%":
            return laidOut(isNegative, "", grouped(DecimalText.fixed(magnitude * 100, precision: precision ?? 6)) + "%")
        default: throw FormatSpecification.invalid
        }
    }

    private func general(_ magnitude: Double) -> String {
        DecimalText.general(magnitude, precision: max(precision ?? 6, 1), keepsZeros: isAlternate)
    }

    private func laidOut(_ isNegative: Bool, _ prefix: String, _ digits: String) -> String {
        padded((isNegative ? "-" : sign == "-" ? "" : String(sign)) + prefix, digits, default: ">")
    }

    /// - Parameter head: sign and prefix, which `=` keeps to the left of the fill.
    func padded(_ head: String, _ body: String, default defaultAlignment: Unicode.Scalar) -> String {
        let missing = width - head.scalarCount - body.scalarCount
        guard missing > 0 else { return head + body }
        func filled(_ count: Int) -> String { String(repeating: String(fill), count: count) }
        switch alignment ?? defaultAlignment {
        case "<": return head + body + filled(missing)
        case "^": return filled(missing / 2) + head + body + filled(missing - missing / 2)
        case "=": return head + filled(missing) + body
        default: return filled(missing) + head + body
        }
    }

    /// The digits of the whole part in groups of three.
    private func grouped(_ text: String) -> String {
        guard let grouping else { return text }
        let whole = text.prefix { $0.isNumber }
        var result = ""
        for (index, digit) in whole.enumerated() {
            if index > 0, (whole.count - index) % 3 == 0 { result.unicodeScalars.append(grouping) }
            result.append(digit)
        }
        return result + text.dropFirst(whole.count)
    }
}
