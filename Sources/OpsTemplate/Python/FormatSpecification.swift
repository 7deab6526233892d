import OpsCore

/// How one value is laid out: Python's format mini-language, which `%` formatting maps to as well.
struct FormatSpecification {
    var fill: Unicode.Scalar = " "
    /// `<`, `>`, `^` or `=`; nil for the kind's default.
    var alignment: Unicode.Scalar?
    /// `+`, `-` or space; nil if none is written, which is like `-`.
    var sign: Unicode.Scalar?
    /// What rounds to zero has no sign.
    var dropsNegativeZero = false
    var isAlternate = false
    var width = 0
    /// `,` or `_`.
    var grouping: Unicode.Scalar?
    var precision: Int?
    var type: Unicode.Scalar?
    /// The `0` before the width: numbers keep their sign to the left of the zeros.
    private var padsWithZeros = false

    init() {}

    /// Reads `[[fill]align][sign][z][#][0][width][grouping][.precision][type]`.
    init(_ text: String) throws {
        var rest = Array(text.unicodeScalars)[...]
        func take(_ wanted: Unicode.Scalar...) -> Unicode.Scalar? {
            rest.first.map(wanted.contains) == true ? rest.removeFirst() : nil
        }
        let hasFill = rest.count > 1 && ["<", ">", "^", "="].contains(rest[rest.startIndex + 1])
        if hasFill { fill = rest.removeFirst() }
        alignment = take("<", ">", "^", "=")
        sign = take("+", "-", " ")
        dropsNegativeZero = take("z") != nil
        isAlternate = take("#") != nil
        if !hasFill, take("0") != nil {
            fill = "0"
            padsWithZeros = alignment == nil
        }
        width = try FormatSpecification.number(&rest) ?? 0
        grouping = take(",", "_")
        if take(".") != nil {
            guard let number = try FormatSpecification.number(&rest) else { throw FormatSpecification.invalid }
            precision = number
        }
        type = rest.popFirst()
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

    /// A string as `{:…}` lays it out, which refuses what is for numbers only.
    func checkedString(_ text: String) throws -> String {
        guard type == nil || type == "s", sign == nil, !dropsNegativeZero, !isAlternate, grouping == nil, alignment != "=" else {
            throw FormatSpecification.invalid
        }
        return string(text)
    }

    /// An integer as `{:…}` lays it out.
    func checkedInteger(_ number: Int) throws -> String {
        let isInteger = type.map { "bcdnoxX".unicodeScalars.contains($0) } ?? true
        guard isInteger else { return try checkedDouble(Double(number)) }
        let allowsGrouping = type.map { $0 == "d" || (grouping == "_" && $0 != "c" && $0 != "n") } ?? true
        guard precision == nil, !dropsNegativeZero, grouping == nil || allowsGrouping,
            type != "c" || (sign == nil && !isAlternate)
        else { throw FormatSpecification.invalid }
        return try integer(number)
    }

    /// A float as `{:…}` lays it out.
    func checkedDouble(_ number: Double) throws -> String {
        if grouping != nil, type == "n" { throw FormatSpecification.invalid }
        return try double(number)
    }

    /// - Parameter minimumDigits: zeros are put before shorter numbers, as `%.3d` asks for.
    func integer(_ number: Int, minimumDigits: Int = 0) throws -> String {
        func shown(_ radix: Int, prefix: String = "", uppercase: Bool = false) -> String {
            let digits = String(number.magnitude, radix: radix, uppercase: uppercase)
            let padded = String(repeating: "0", count: max(0, minimumDigits - digits.utf8.count)) + digits
            return laidOut(number < 0, isAlternate ? prefix : "", padded, wholeLength: padded.utf8.count)
        }
        switch type {
        case "d", "n", nil: return shown(10)
        case "b": return shown(2, prefix: "0b")
        case "o": return shown(8, prefix: "0o")
        case "x": return shown(16, prefix: "0x")
        case "X": return shown(16, prefix: "0X", uppercase: true)
        case "c":
            guard let scalar = UInt32(exactly: number).flatMap(Unicode.Scalar.init) else {
                throw FormatSpecification.invalid
            }
            return padded("", String(scalar), default: "<")
        default: return try double(Double(number))
        }
    }

    func double(_ number: Double) throws -> String {
        var text = try digits(number)
        if type == "E" || type == "F" || type == "G" { text = text.uppercased() }
        let isZero = text.prefix { $0 != "e" && $0 != "E" }.allSatisfy { !("1"..."9").contains($0) }
        let isNegative = number.sign == .minus && !number.isNaN && !(dropsNegativeZero && isZero && number.isFinite)
        return laidOut(isNegative, "", text, wholeLength: text.utf8.prefix(while: Lexer.isDigit).count)
    }

    /// The magnitude as text.
    private func digits(_ number: Double) throws -> String {
        let magnitude = number.magnitude
        guard number.isFinite else { return number.isNaN ? "nan" : "inf" }
        switch type {
        case nil:
            guard let precision else { return PythonNumber.repr(magnitude) }
            let text = DecimalText.general(magnitude, precision: max(precision, 1), keepsZeros: false)
            return text.contains(".") || text.contains("e") ? text : text + ".0"
        case "f", "F": return DecimalText.fixed(magnitude, precision: precision ?? 6)
        case "e", "E": return DecimalText.exponent(magnitude, precision: precision ?? 6)
        case "g", "G", "n":
            return DecimalText.general(magnitude, precision: max(precision ?? 6, 1), keepsZeros: isAlternate)
        case "%": return DecimalText.fixed(magnitude * 100, precision: precision ?? 6) + "%"
        default: throw FormatSpecification.invalid
        }
    }

    /// - Parameter wholeLength: how many digits, which may be grouped, the text starts with.
    private func laidOut(_ isNegative: Bool, _ prefix: String, _ text: String, wholeLength: Int) -> String {
        let head = (isNegative ? "-" : sign.map { $0 == "-" ? "" : String($0) } ?? "") + prefix
        let rest = String(text.dropFirst(wholeLength))
        let fillsWithZeros = fill == "0" && (padsWithZeros || alignment == "=")
        let whole = grouped(
            String(text.prefix(wholeLength)), atLeast: fillsWithZeros ? width - head.scalarCount - rest.scalarCount : 0)
        return padded(head, whole + rest, default: padsWithZeros ? "=" : ">")
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

    /// The digits in groups of three, or four where they are not decimal; zeros before them are grouped as well.
    private func grouped(_ digits: String, atLeast width: Int) -> String {
        guard let grouping, !digits.isEmpty else { return digits }
        let size = type.map { "boxX".unicodeScalars.contains($0) } == true ? 4 : 3
        var count = digits.utf8.count
        while count + (count - 1) / size < width { count += 1 }
        var result = ""
        for (index, digit) in (String(repeating: "0", count: count - digits.utf8.count) + digits).enumerated() {
            if index > 0, (count - index) % size == 0 { result.unicodeScalars.append(grouping) }
            result.append(digit)
        }
        return result
    }
}
