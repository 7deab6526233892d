import OpsCore

/// Builds the syntax tree from tokens. Recursive descent, with a bound on nesting.
struct Parser {
    /// How deep expressions and statements may nest; deeper input is an error.
    static let maximumDepth = 100
    /// How many operators, filters or accesses may follow each other in one expression.
    static let maximumChain = 400
    /// How high the tree of one expression may be, nesting and chains together.
    static let maximumHeight = 400

    let source: SourceText
    let tokens: [Token]
    var position = 0
    var depth = 0
    /// Names of the enclosing statements, for messages.
    var enclosing: [String] = []
    var blockNames: Set<String> = []
    var loopDepth = 0
    private var expressionDepth = 0
    /// The height of the highest expression plus the deepest nesting of statements so far.
    private(set) var height = 1

    init(_ source: SourceText, tokens: [Token]) {
        self.source = source
        self.tokens = tokens
    }

    var current: Token { tokens[position] }
    /// The token after the current one.
    var next: Token { tokens[min(position + 1, tokens.count - 1)] }

    @discardableResult
    mutating func advance() -> Token {
        let token = tokens[position]
        if position < tokens.count - 1 { position += 1 }
        return token
    }

    func fail(_ message: String, at offset: Int? = nil, hints: [String] = []) -> Diagnostic {
        Diagnostic(
            code: "template-syntax", message, at: source.location(at: offset ?? current.offset), hints: hints)
    }

    func unexpected(_ wanted: String) -> Diagnostic {
        fail("expected \(wanted), found \(current.description)")
    }

    func isSymbol(_ symbol: Symbol) -> Bool { current.kind == .symbol(symbol) }
    func isName(_ name: String) -> Bool { current.kind == .name(name) }

    mutating func skip(_ symbol: Symbol) -> Bool {
        guard isSymbol(symbol) else { return false }
        advance()
        return true
    }

    mutating func skipName(_ name: String) -> Bool {
        guard isName(name) else { return false }
        advance()
        return true
    }

    mutating func expect(_ symbol: Symbol) throws(Diagnostic) {
        guard skip(symbol) else { throw unexpected("'\(symbol.rawValue)'") }
    }

    mutating func expectName(_ name: String) throws(Diagnostic) {
        guard skipName(name) else { throw unexpected("'\(name)'") }
    }

    mutating func expectIdentifier() throws(Diagnostic) -> String {
        guard case .name(let name) = current.kind else { throw unexpected("a name") }
        advance()
        return name
    }

    mutating func expectBlockEnd() throws(Diagnostic) {
        guard current.kind == .blockEnd else { throw unexpected("end of statement block") }
        advance()
    }

    /// Runs `body` one level deeper.
    mutating func nested<T>(_ body: (inout Parser) throws(Diagnostic) -> T) throws(Diagnostic) -> T {
        guard depth < Parser.maximumDepth else {
            throw fail("nested too deep, the limit is \(Parser.maximumDepth) levels")
        }
        depth += 1
        defer { depth -= 1 }
        return try body(&self)
    }

    /// Runs `body`, which parses an expression, and checks the height of the outermost one.
    mutating func measured(
        _ body: (inout Parser) throws(Diagnostic) -> ExpressionSyntax
    ) throws(Diagnostic) -> ExpressionSyntax {
        let offset = current.offset
        expressionDepth += 1
        defer { expressionDepth -= 1 }
        let expression = try nested(body)
        if expressionDepth == 1 {
            let measured = expression.height
            if measured > Parser.maximumHeight {
                throw fail("the expression is too complex, the limit is \(Parser.maximumHeight) levels", at: offset)
            }
            height = max(height, measured + depth)
        }
        return expression
    }

    /// Counts one more link of a chain such as `a + b + c`.
    func link(_ count: inout Int) throws(Diagnostic) {
        count += 1
        if count > Parser.maximumChain {
            throw fail("the expression is too long, the limit is \(Parser.maximumChain) operations in a row")
        }
    }
}
