import OpsCore

/// `format % values`, Python's older formatting.
struct PercentFormat {
    private var scalars: ArraySlice<Unicode.Scalar>
    private var result = ""
    private let values: JinjaValue
    private let positional: [JinjaValue]
    private var next = 0
    private let limit: Int

    /// - Parameter limit: the most UTF-8 bytes the result may have.
    static func format(_ format: String, _ values: JinjaValue, limit: Int) throws -> String {
        var formatter = PercentFormat(format, values, limit)
        return try formatter.run()
    }

    private init(_ format: String, _ values: JinjaValue, _ limit: Int) {
        scalars = Array(format.unicodeScalars)[...]
        self.values = values
        self.limit = limit
        if case .tuple(let tuple) = values { positional = tuple.items } else { positional = [values] }
    }

    private mutating func run() throws -> String {
        while let scalar = scalars.popFirst() {
            guard scalar == "%" else { result.unicodeScalars.append(scalar); continue }
            try directive()
            if result.utf8.count > limit { throw Limits.exceeded("the text is too large, in bytes", limit) }
        }
        if next < positional.count, isScalar { throw fail("not all arguments were used") }
        return result
    }

    /// Whether what is formatted is one value, or a tuple of them; anything else might be looked up by key.
    private var isScalar: Bool {
        switch values {
        case .map, .list, .range: false
        default: true
        }
    }

    private func fail(_ message: String) -> Diagnostic {
        Diagnostic(code: "template-value", "in '%' formatting: \(message)")
    }

    private mutating func argument() throws -> JinjaValue {
        guard next < positional.count else { throw fail("there are not enough arguments") }
        next += 1
        return positional[next - 1]
    }

    private mutating func directive() throws {
        if scalars.first == "%" {
            scalars.removeFirst()
            return result += "%"
        }
        var key: String?
        if scalars.first == "(" { key = try readKey() }
        var specification = FormatSpecification()
        specification.alignment = ">"
        readFlags(&specification)
        if let width = try readNumber() {
            specification.width = abs(width)
            if width < 0 { specification.alignment = "<" }
        }
        if scalars.first == "." {
            scalars.removeFirst()
            specification.precision = max(try readNumber() ?? 0, 0)
        }
        while let first = scalars.first, ["h", "l", "L"].contains(first) { scalars.removeFirst() }
        guard let type = scalars.popFirst() else { throw fail("the format ends after '%'") }
        let value = try key.map { try named($0) } ?? argument()
        result += try convert(value, type, specification)
    }

    private mutating func readKey() throws -> String {
        scalars.removeFirst()
        var (open, end) = (1, scalars.startIndex)
        while end < scalars.endIndex {
            open += scalars[end] == "(" ? 1 : scalars[end] == ")" ? -1 : 0
            if open == 0 { break }
            end += 1
        }
        guard open == 0 else { throw fail("the key is never closed") }
        defer { scalars = scalars[(end + 1)...] }
        return String(String.UnicodeScalarView(scalars[..<end]))
    }

    private func named(_ key: String) throws -> JinjaValue {
        guard case .map(let map) = values else { throw fail("a mapping is needed") }
        guard let value = try map.value(key) else { throw fail("there is no key '\(key)'") }
        return value
    }

    private mutating func readFlags(_ specification: inout FormatSpecification) {
        while let flag = scalars.first {
            switch flag {
            case "-": specification.alignment = "<"; specification.fill = " "
            case "+": specification.sign = "+"
            case " ": if specification.sign != "+" { specification.sign = " " }
            case "#": specification.isAlternate = true
            case "0": if specification.alignment != "<" { specification.fill = "0"; specification.alignment = "=" }
            default: return
            }
            scalars.removeFirst()
        }
    }

    private mutating func readNumber() throws -> Int? {
        if scalars.first == "*" {
            scalars.removeFirst()
            guard let number = try argument().integer else { throw fail("'*' needs an integer") }
            guard number.magnitude <= FormatSpecification.maximumWidth else { throw FormatSpecification.invalid }
            return number
        }
        return try FormatSpecification.number(&scalars)
    }

    private func convert(_ value: JinjaValue, _ type: Unicode.Scalar, _ specification: FormatSpecification) throws
        -> String
    {
        var specification = specification
        if specification.alignment == "=", type == "s" || type == "r" || type == "a" || type == "c" {
            (specification.alignment, specification.fill) = (">", " ")
        }
        switch type {
        case "s": return specification.string(try value.printed())
        case "r": return specification.string(try value.represented())
        case "a": return specification.string(PythonLiteral.ascii(try value.represented()))
        case "c":
            if let text = value.text, text.scalarCount == 1 { return specification.string(text) }
            specification.type = "c"
            return try specification.integer(try integer(value, type))
        case "d", "i", "u":
            let number = try integer(value, type)
            return try specification.integer(number, minimumDigits: specification.precision ?? 0)
        case "x", "X", "o":
            specification.type = type
            return try specification.integer(try integer(value, type), minimumDigits: specification.precision ?? 0)
        case "f", "F", "e", "E", "g", "G":
            guard let number = value.number else { throw fail("'%\(type)' needs a number, not \(value.kindName)") }
            specification.type = type
            return try specification.double(number)
        default: throw fail("unsupported format character '\(type)'")
        }
    }

    private func integer(_ value: JinjaValue, _ type: Unicode.Scalar) throws -> Int {
        if case .double(let number) = value, type == "d" || type == "i" || type == "u" {
            return try PythonNumber.truncate(number)
        }
        guard let number = value.integer else { throw fail("'%\(type)' needs an integer, not \(value.kindName)") }
        return number
    }
}
