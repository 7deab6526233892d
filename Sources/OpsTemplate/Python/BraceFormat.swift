import OpsCore

/// `str.format`: replacement fields such as `{0}`, `{name.attribute[key]!r:>10}`.
struct BraceFormat {
    private let positional: [JinjaValue]
    private let keyword: [(name: String, value: JinjaValue)]
    private let frame: Frame
    private var nextIndex = 0
    private var isNumbered = false

    static func format(
        _ text: String, positional: [JinjaValue], keyword: [(name: String, value: JinjaValue)], _ frame: Frame
    ) throws -> String {
        var formatter = BraceFormat(positional: positional, keyword: keyword, frame: frame)
        return try formatter.format(Array(text.unicodeScalars), depth: 0)
    }

    private init(positional: [JinjaValue], keyword: [(name: String, value: JinjaValue)], frame: Frame) {
        self.positional = positional
        self.keyword = keyword
        self.frame = frame
    }

    private func fail(_ message: String) -> Diagnostic { Diagnostic(code: "template-value", "in 'format': \(message)") }

    private mutating func format(_ scalars: [Unicode.Scalar], depth: Int) throws -> String {
        guard depth < 2 else { throw fail("fields nest too deep") }
        var result = ""
        var index = 0
        while index < scalars.count {
            let scalar = scalars[index]
            let isDoubled = index + 1 < scalars.count && scalars[index + 1] == scalar
            switch scalar {
            case "{" where isDoubled, "}" where isDoubled:
                result.unicodeScalars.append(scalar)
                index += 2
            case "{":
                let end = try endOfField(scalars, from: index + 1)
                result += try field(Array(scalars[(index + 1)..<end]), depth)
                index = end + 1
            case "}": throw fail("single '}'")
            default:
                result.unicodeScalars.append(scalar)
                index += 1
            }
            try frame.state.checkSize(result.utf8.count)
        }
        return result
    }

    private func endOfField(_ scalars: [Unicode.Scalar], from start: Int) throws -> Int {
        var open = 1
        var inBrackets = false
        for index in start..<scalars.count {
            switch scalars[index] {
            case "[": inBrackets = true
            case "]": inBrackets = false
            case "{" where !inBrackets: open += 1
            case "}" where !inBrackets:
                open -= 1
                if open == 0 { return index }
            default: break
            }
        }
        throw fail("expected '}'")
    }

    private mutating func field(_ scalars: [Unicode.Scalar], _ depth: Int) throws -> String {
        let nameEnd = scalars.firstIndex { $0 == "!" || $0 == ":" } ?? scalars.count
        var value = try lookup(Array(scalars[..<nameEnd]))
        var rest = scalars[nameEnd...]
        if rest.first == "!" {
            rest.removeFirst()
            switch rest.popFirst() {
            case "r": value = .string(try value.represented())
            case "a": value = .string(PythonLiteral.ascii(try value.represented()))
            case "s": value = .string(try value.printed())
            default: throw fail("unknown conversion")
            }
        }
        guard rest.first == ":" else {
            guard rest.isEmpty else { throw fail("expected ':' after the conversion") }
            return try value.printed()
        }
        let specification = try format(Array(rest.dropFirst()), depth: depth + 1)
        return try laidOut(value, specification)
    }

    private func laidOut(_ value: JinjaValue, _ text: String) throws -> String {
        if text.isEmpty { return try value.printed() }
        let specification = try FormatSpecification(text)
        switch value {
        case .int(let number): return try specification.checkedInteger(number)
        case .bool(let flag):
            return try specification.checkedInteger(flag ? 1 : 0)
        case .double(let number): return try specification.checkedDouble(number)
        case .secretNumber(let number): return try laidOut(number.revealed, text)
        case .string, .markup, .secret:
            return try specification.checkedString(value.text ?? "")
        default: throw fail("\(value.kindName) takes no format specifier")
        }
    }

    /// `0`, `name`, or nothing for the next one, then `.attribute` and `[item]`.
    private mutating func lookup(_ scalars: [Unicode.Scalar]) throws -> JinjaValue {
        let end = scalars.firstIndex { $0 == "." || $0 == "[" } ?? scalars.count
        let first = String(String.UnicodeScalarView(scalars[..<end]))
        var value: JinjaValue
        if first.isEmpty {
            guard !isNumbered else { throw fail("numbered and automatic fields are mixed") }
            value = try argument(nextIndex)
            nextIndex += 1
        } else if let index = BraceFormat.index(first) {
            guard nextIndex == 0 else { throw fail("numbered and automatic fields are mixed") }
            isNumbered = true
            value = try argument(index)
        } else if let found = keyword.first(where: { $0.name == first })?.value {
            value = found
        } else {
            throw fail("there is no argument '\(first)'")
        }
        var rest = scalars[end...]
        while let mark = rest.popFirst() {
            if mark == "." {
                let name = rest.prefix { $0 != "." && $0 != "[" }
                rest = rest[name.endIndex...]
                if case .map = value { throw fail("a mapping has no such attribute, write [key]") }
                value = try member(value, .string(String(String.UnicodeScalarView(name))))
            } else {
                guard let close = rest.firstIndex(of: "]") else { throw fail("expected ']'") }
                let key = String(String.UnicodeScalarView(rest[..<close]))
                rest = rest[(close + 1)...]
                value = try member(value, BraceFormat.index(key).map { .int($0) } ?? .string(key))
            }
        }
        return value
    }

    /// Only digits are a number: `[-1]` is a key.
    private static func index(_ text: String) -> Int? { text.utf8.allSatisfy(Lexer.isDigit) ? Int(text) : nil }

    private func argument(_ index: Int) throws -> JinjaValue {
        guard positional.indices.contains(index) else { throw fail("there is no argument number \(index)") }
        return positional[index]
    }

    private func member(_ value: JinjaValue, _ key: JinjaValue) throws -> JinjaValue {
        guard let member = try Access.item(value, key, frame) else { throw fail("there is no such attribute or item") }
        return member
    }
}
