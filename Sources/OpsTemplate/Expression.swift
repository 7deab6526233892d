import OpsCore

/// A bare expression, such as those of `when:`, compiled once and evaluated as often as needed.
public struct Expression: Sendable {
    private let template: CompiledTemplate
    private let node: any ExpressionNode
    private let environment: TemplateEnvironment
    /// The variables it reads, with the place where each is read first.
    public let referencedNames: [String: SourceLocation]

    /// - Parameter location: the place of the expression's first character in its file.
    public init(_ source: String, at location: SourceLocation, environment: TemplateEnvironment) throws(Diagnostic) {
        try self.init(source, origin: TemplateOrigin(location), environment: environment)
    }

    public init(_ source: String, origin: TemplateOrigin, environment: TemplateEnvironment) throws(Diagnostic) {
        self.environment = environment
        let text = SourceText(bytes: Array(source.utf8), origin: origin)
        var parser = Parser(text, tokens: try Lexer.tokenizeExpression(text, syntax: environment.syntax))
        if parser.current.kind == .end { throw parser.fail("the expression is empty") }
        let syntax = try parser.parseExpression()
        guard parser.current.kind == .end else {
            throw parser.unexpected("end of expression")
        }
        let prepared = try PreparedSource(source, origin: origin, syntax: environment.syntax)
        let unit = try Compiler.compile(
            [.do(syntax, offset: 0)], prepared, environment: environment, height: parser.height)
        template = CompiledTemplate(unit)
        guard let statement = unit.body.statement as? DoNode else { throw parser.unexpected("an expression") }
        node = statement.expression
        referencedNames = text.locations(NameAnalysis.freeNames([.do(syntax, offset: 0)]))
    }

    /// The expression's value. Something undefined as result is an error.
    public func evaluate(_ scope: some TemplateScope) throws -> Value {
        environment.noting(try run(scope) { try $0.value() })
    }

    /// Whether the condition holds. Only booleans count: a string such as `"false"` is an error, not true.
    public func holds(_ scope: some TemplateScope) throws -> Bool {
        try run(scope) { value in
            switch value {
            case .bool(let flag): return flag
            case .undefined(let undefined): throw undefined.diagnostic
            default:
                throw Diagnostic(
                    code: "condition-not-boolean", "the condition gives \(value.kindName), not true or false",
                    hints: ["compare it (== …, is defined, | length > 0) or convert it (| bool)"])
            }
        }
    }

    private func run<T>(_ scope: some TemplateScope, _ body: (JinjaValue) throws -> T) throws -> T {
        let state = RenderState(environment: environment, scope: scope)
        let instance = TemplateInstance(template, TemplateContext(state: state))
        let frame = Frame(instance, slots: template.slotCount, autoescape: environment.autoescape)
        return try state.running {
            try template.source.located { try body(try node.evaluate(frame)) }
        }
    }
}
