import OpsCore

/// A template, compiled once and rendered as often as needed, also by many at once.
public struct Template: Sendable {
    private let compiled: CompiledTemplate
    private let environment: TemplateEnvironment
    /// The variables it reads and does not set itself, with the place where each is read first.
    public let referencedNames: [String: SourceLocation]

    /// Compiles a template that is a file of its own.
    ///
    /// Throws a `Diagnostic` with the place of the first syntax error or unknown filter.
    public init(source: String, file: String, environment: TemplateEnvironment) throws(Diagnostic) {
        try self.init(source: source, origin: TemplateOrigin(file: file), environment: environment)
    }

    /// Compiles a template that is part of another file.
    public init(source: String, origin: TemplateOrigin, environment: TemplateEnvironment) throws(Diagnostic) {
        self.environment = environment
        let prepared = try PreparedSource(source, origin: origin, syntax: environment.syntax)
        var parser = Parser(prepared.source, tokens: try Lexer.tokenize(prepared.source, syntax: prepared.syntax))
        let statements = try parser.parseStatements(until: [])
        compiled = CompiledTemplate(
            try Compiler.compile(statements, prepared, environment: environment, height: parser.height))
        referencedNames = prepared.source.locations(NameAnalysis.freeNames(statements))
    }

    /// The text the template makes of the variables: `.string`, or `.secret` if a secret went into it.
    public func render(_ scope: some TemplateScope) throws -> Value {
        let state = RenderState(environment: environment, scope: scope)
        return try state.running { try rendered(state) }
    }

    private func rendered(_ state: RenderState) throws -> Value {
        var output = Output(state, keepsTypes: false, capacity: compiled.source.bytes.count)
        try compiled.render(TemplateContext(state: state), autoescape: environment.autoescape, &output)
        let text = compiled.restoringNewlines(output.text)
        guard output.isSecret else { return .string(text) }
        environment.noteAssembled?(text)
        return .secret(Secret(text))
    }

    /// What the template makes of the variables; a single `{{ x }}` keeps the type of `x`, as do
    /// `{% if %}` and the like around it. Without any output it is null.
    public func evaluate(_ scope: some TemplateScope) throws -> Value {
        let state = RenderState(environment: environment, scope: scope)
        return try state.running { try evaluated(state) }
    }

    private func evaluated(_ state: RenderState) throws -> Value {
        var output = Output(state, keepsTypes: true)
        let context = TemplateContext(state: state)
        try compiled.render(context, autoescape: environment.autoescape, &output)
        switch try output.value(
            Frame(TemplateInstance(compiled, context), slots: 0, autoescape: environment.autoescape))
        {
        case .string(let text), .markup(let text): return .string(compiled.restoringNewlines(text))
        case .secret(let secret):
            if output.isSingleValue { environment.noteSecret?(.secret(Secret(secret.plain))) }
            return .secret(Secret(compiled.restoringNewlines(secret.plain)))
        case let value: return environment.noting(try compiled.source.located { try value.value() })
        }
    }
}

extension TemplateEnvironment {
    /// The value, after whoever masks secrets was told of those in it.
    func noting(_ value: Value) -> Value {
        if let noteSecret, value.containsSecret { noteSecret(value) }
        return value
    }
}

extension CompiledTemplate {
    /// The text with as many newlines at its end as the source has, if that is asked for.
    func restoringNewlines(_ text: String) -> String {
        guard restoresNewlines, trailingNewlines > 0 else { return text }
        let present = text.utf8.reversed().prefix { $0 == UInt8(ascii: "\n") }.count
        return present < trailingNewlines
            ? text + String(repeating: newlineSequence, count: trailingNewlines - present) : text
    }
}

extension SourceText {
    /// Runs `body`; an error that has no place yet gets the start of the text.
    func located<T>(_ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch var diagnostic as Diagnostic where diagnostic.location == nil {
            diagnostic.location = origin.start
            throw diagnostic
        }
    }
}
