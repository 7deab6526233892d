import OpsCore

extension Parser {
    mutating func parseExpression(withCondition: Bool = true) throws(Diagnostic) -> ExpressionSyntax {
        try measured { (parser) throws(Diagnostic) in
            withCondition ? try parser.parseConditional() : try parser.parseOr()
        }
    }

    private mutating func parseConditional() throws(Diagnostic) -> ExpressionSyntax {
        var expression = try parseOr()
        var links = 0
        while isName("if") {
            try link(&links)
            let offset = advance().offset
            let test = try parseOr()
            let otherwise = skipName("else") ? try parseExpression() : nil
            expression = .conditional(test: test, then: expression, otherwise: otherwise, offset: offset)
        }
        return expression
    }

    private mutating func parseOr() throws(Diagnostic) -> ExpressionSyntax {
        var left = try parseAnd()
        var links = 0
        while skipName("or") {
            try link(&links)
            left = .or(left, try parseAnd())
        }
        return left
    }

    private mutating func parseAnd() throws(Diagnostic) -> ExpressionSyntax {
        var left = try parseNot()
        var links = 0
        while skipName("and") {
            try link(&links)
            left = .and(left, try parseNot())
        }
        return left
    }

    private mutating func parseNot() throws(Diagnostic) -> ExpressionSyntax {
        guard skipName("not") else { return try parseComparison() }
        return .not(try nested { (parser) throws(Diagnostic) in try parser.parseNot() })
    }

    private mutating func parseComparison() throws(Diagnostic) -> ExpressionSyntax {
        let first = try parseSum()
        let offset = current.offset
        var operands: [(comparison: ComparisonOperator, operand: ExpressionSyntax)] = []
        var links = 0
        while let comparison = takeComparison() {
            try link(&links)
            operands.append((comparison, try parseSum()))
        }
        return operands.isEmpty ? first : .compare(first, operands, offset: offset)
    }

    private mutating func takeComparison() -> ComparisonOperator? {
        switch current.kind {
        case .symbol(let symbol):
            guard let comparison = ComparisonOperator(rawValue: symbol.rawValue) else { return nil }
            advance()
            return comparison
        case .name("in"):
            advance()
            return .contained
        case .name("not") where next.kind == .name("in"):
            advance()
            advance()
            return .notContained
        default: return nil
        }
    }

    private mutating func parseSum() throws(Diagnostic) -> ExpressionSyntax {
        var left = try parseConcat()
        var links = 0
        while isSymbol(.add) || isSymbol(.subtract) {
            try link(&links)
            let token = advance()
            left = .binary(
                token.kind == .symbol(.add) ? .add : .subtract, left, try parseConcat(), offset: token.offset)
        }
        return left
    }

    private mutating func parseConcat() throws(Diagnostic) -> ExpressionSyntax {
        var parts = [try parseProduct()]
        while skip(.tilde) { parts.append(try parseProduct()) }
        return parts.count == 1 ? parts[0] : .concat(parts)
    }

    private mutating func parseProduct() throws(Diagnostic) -> ExpressionSyntax {
        var left = try parsePower()
        var links = 0
        while case .symbol(let symbol) = current.kind, let binary = BinaryOperator(rawValue: symbol.rawValue),
            binary != .add, binary != .subtract, binary != .power
        {
            try link(&links)
            let offset = advance().offset
            left = .binary(binary, left, try parsePower(), offset: offset)
        }
        return left
    }

    /// `2 ** 3 ** 2` is 64: Jinja2 evaluates from the left, unlike Python.
    private mutating func parsePower() throws(Diagnostic) -> ExpressionSyntax {
        var left = try parseUnary()
        var links = 0
        while isSymbol(.power) {
            try link(&links)
            let offset = advance().offset
            left = .binary(.power, left, try parseUnary(), offset: offset)
        }
        return left
    }

    mutating func parseUnary(withFilters: Bool = true) throws(Diagnostic) -> ExpressionSyntax {
        var expression: ExpressionSyntax
        if isSymbol(.subtract) || isSymbol(.add) {
            let token = advance()
            let operand = try nested { (parser) throws(Diagnostic) in try parser.parseUnary(withFilters: false) }
            expression = token.kind == .symbol(.subtract)
                ? .negate(operand, offset: token.offset) : .plus(operand, offset: token.offset)
        } else {
            expression = try parsePrimary()
        }
        expression = try parsePostfix(expression)
        return withFilters ? try parseFiltersAndTests(expression) : expression
    }

    mutating func parsePrimary() throws(Diagnostic) -> ExpressionSyntax {
        let token = current
        switch token.kind {
        case .name(let name):
            advance()
            return Parser.constant(name) ?? .name(name, offset: token.offset)
        case .string(var text):
            advance()
            while case .string(let more) = current.kind {
                text += more
                advance()
            }
            return .string(text)
        case .integer(let number):
            advance()
            return .integer(number)
        case .float(let number):
            advance()
            return .float(number)
        case .symbol(.leftParen):
            advance()
            let tuple = try parseTuple(explicitParentheses: true)
            try expect(.rightParen)
            return tuple
        case .symbol(.leftBracket): return try parseList()
        case .symbol(.leftBrace): return try parseDictionary()
        default: throw fail("unexpected \(token.description)")
        }
    }

    static func constant(_ name: String) -> ExpressionSyntax? {
        switch name {
        case "true", "True": .bool(true)
        case "false", "False": .bool(false)
        case "none", "None": .null
        default: nil
        }
    }

    /// `a, b` as a tuple, or the single expression; `()` only with explicit parentheses.
    mutating func parseTuple(
        explicitParentheses: Bool = false, withCondition: Bool = true, endsBefore: String? = nil
    ) throws(Diagnostic) -> ExpressionSyntax {
        var items: [ExpressionSyntax] = []
        var isTuple = false
        while true {
            if !items.isEmpty { guard skip(.comma) else { break }; isTuple = true }
            if isTupleEnd(endsBefore) { break }
            items.append(try parseExpression(withCondition: withCondition))
        }
        if isTuple { return .tuple(items) }
        if let only = items.first { return only }
        guard explicitParentheses else { throw unexpected("an expression") }
        return .tuple([])
    }

    private func isTupleEnd(_ endsBefore: String?) -> Bool {
        switch current.kind {
        case .variableEnd, .blockEnd, .symbol(.rightParen), .end: true
        case .name(let name): name == endsBefore
        default: false
        }
    }

    private mutating func parseList() throws(Diagnostic) -> ExpressionSyntax {
        try expect(.leftBracket)
        var items: [ExpressionSyntax] = []
        while !isSymbol(.rightBracket) {
            if !items.isEmpty { try expect(.comma) }
            if isSymbol(.rightBracket) { break }
            items.append(try parseExpression())
        }
        try expect(.rightBracket)
        return .list(items)
    }

    private mutating func parseDictionary() throws(Diagnostic) -> ExpressionSyntax {
        let offset = current.offset
        try expect(.leftBrace)
        var items: [(key: ExpressionSyntax, value: ExpressionSyntax)] = []
        while !isSymbol(.rightBrace) {
            if !items.isEmpty { try expect(.comma) }
            if isSymbol(.rightBrace) { break }
            let key = try parseExpression()
            try expect(.colon)
            items.append((key, try parseExpression()))
        }
        try expect(.rightBrace)
        return .dictionary(items, offset: offset)
    }
}
