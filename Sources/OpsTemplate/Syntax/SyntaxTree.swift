/// An expression as written.
indirect enum ExpressionSyntax: Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    case float(Double)
    case string(String)
    case name(String, offset: Int)
    case list([ExpressionSyntax])
    case tuple([ExpressionSyntax])
    case dictionary([(key: ExpressionSyntax, value: ExpressionSyntax)], offset: Int)
    case attribute(ExpressionSyntax, String, offset: Int)
    case item(ExpressionSyntax, ExpressionSyntax, offset: Int)
    case slice(start: ExpressionSyntax?, stop: ExpressionSyntax?, step: ExpressionSyntax?)
    case call(ExpressionSyntax, ArgumentsSyntax, offset: Int)
    /// The subject is nil for the block that `{% filter %}` encloses.
    case filter(ExpressionSyntax?, String, ArgumentsSyntax, offset: Int)
    case test(ExpressionSyntax, String, ArgumentsSyntax, offset: Int)
    case not(ExpressionSyntax)
    case negate(ExpressionSyntax, offset: Int)
    case plus(ExpressionSyntax, offset: Int)
    case binary(BinaryOperator, ExpressionSyntax, ExpressionSyntax, offset: Int)
    case concat([ExpressionSyntax])
    case compare(ExpressionSyntax, [(comparison: ComparisonOperator, operand: ExpressionSyntax)], offset: Int)
    case and(ExpressionSyntax, ExpressionSyntax)
    case or(ExpressionSyntax, ExpressionSyntax)
    /// What `{{ }}` prints and may be Go's text: an error that says so if it is undefined.
    case goSuspect(ExpressionSyntax, offset: Int)
    case conditional(test: ExpressionSyntax, then: ExpressionSyntax, otherwise: ExpressionSyntax?, offset: Int)
}

enum BinaryOperator: String, Sendable {
    case add = "+", subtract = "-", multiply = "*", divide = "/", floorDivide = "//", modulo = "%", power = "**"
}

enum ComparisonOperator: String, Sendable {
    case equal = "==", notEqual = "!=", less = "<", lessEqual = "<=", greater = ">", greaterEqual = ">="
    case contained = "in", notContained = "not in"
}

/// The arguments of a call, filter or test.
struct ArgumentsSyntax: Sendable {
    var positional: [ExpressionSyntax] = []
    var keyword: [(name: String, value: ExpressionSyntax)] = []
    var star: ExpressionSyntax?
    var doubleStar: ExpressionSyntax?

    var isEmpty: Bool { positional.isEmpty && keyword.isEmpty && star == nil && doubleStar == nil }
}

/// What an assignment, loop or import binds.
indirect enum TargetSyntax: Sendable {
    case name(String, offset: Int)
    case tuple([TargetSyntax], offset: Int)
    /// `ns.attribute`, only in `set`.
    case attribute(namespace: String, attribute: String, offset: Int)
}

/// A parameter of a macro or call block.
struct ParameterSyntax: Sendable {
    let name: String
    let defaultValue: ExpressionSyntax?
}

/// A `macro` or the body of a `call` block.
struct MacroSyntax: Sendable {
    let name: String
    let parameters: [ParameterSyntax]
    let body: [StatementSyntax]
    let offset: Int
}

/// A part of a template.
indirect enum StatementSyntax: Sendable {
    case text(String)
    case output(ExpressionSyntax, offset: Int)
    case `if`([(test: ExpressionSyntax, body: [StatementSyntax])], otherwise: [StatementSyntax])
    case `for`(ForSyntax)
    case set(TargetSyntax, ExpressionSyntax, offset: Int)
    case setBlock(TargetSyntax, filter: ExpressionSyntax?, body: [StatementSyntax], offset: Int)
    case with([(target: TargetSyntax, value: ExpressionSyntax)], body: [StatementSyntax])
    case macro(MacroSyntax)
    case call(MacroSyntax, ExpressionSyntax, offset: Int)
    case filter(ExpressionSyntax, body: [StatementSyntax], offset: Int)
    case block(BlockSyntax)
    case extends(ExpressionSyntax, offset: Int)
    case include(ExpressionSyntax, ignoreMissing: Bool, withContext: Bool, offset: Int)
    case `import`(ExpressionSyntax, as: String, withContext: Bool, offset: Int)
    case fromImport(ExpressionSyntax, names: [(name: String, alias: String)], withContext: Bool, offset: Int)
    case autoescape(ExpressionSyntax, body: [StatementSyntax])
    case `do`(ExpressionSyntax, offset: Int)
    case `break`(offset: Int)
    case `continue`(offset: Int)
}

struct ForSyntax: Sendable {
    let target: TargetSyntax
    let iterable: ExpressionSyntax
    let test: ExpressionSyntax?
    let body: [StatementSyntax]
    let otherwise: [StatementSyntax]
    let isRecursive: Bool
    let offset: Int
}

struct BlockSyntax: Sendable {
    let name: String
    let body: [StatementSyntax]
    let isScoped: Bool
    let isRequired: Bool
    let offset: Int
}
