import OpsCore

/// Finds out which names code reads.
enum NameAnalysis {
    /// Whether `name` is read anywhere in `body`, whatever it stands for there.
    static func mentions(_ name: String, in body: [StatementSyntax]) -> Bool {
        var found = false
        visit(body) { if $0 == name { found = true } }
        return found
    }

    static func mentions(_ name: String, in expression: ExpressionSyntax) -> Bool {
        var found = false
        visit(expression) { read, _ in if read == name { found = true } }
        return found
    }

    private static func visit(_ body: [StatementSyntax], _ read: (String) -> Void) {
        for statement in body {
            for expression in statement.expressions { visit(expression) { name, _ in read(name) } }
            if case .macro(let macro) = statement { visitDefaults(macro, read) }
            if case .call(let macro, _, _) = statement { visitDefaults(macro, read) }
            for inner in statement.bodies { visit(inner, read) }
        }
    }

    private static func visitDefaults(_ macro: MacroSyntax, _ read: (String) -> Void) {
        for parameter in macro.parameters {
            if let value = parameter.defaultValue { visit(value) { name, _ in read(name) } }
        }
    }

    /// Calls `read` for each name in the expression. Not recursive: expressions can be high.
    static func visit(_ expression: ExpressionSyntax, _ read: (String, Int) -> Void) {
        var pending = [expression]
        while let next = pending.popLast() {
            if case .name(let name, let offset) = next { read(name, offset) }
            pending += next.children
        }
    }

    /// The names that a template reads and does not bind itself, with where each is read first.
    static func freeNames(_ body: [StatementSyntax]) -> [String: Int] {
        var finder = FreeNames()
        finder.collect(body)
        return finder.found
    }
}

/// The names that an analysis finds bound where it is at the moment.
struct BoundNames {
    /// How many of the enclosing scopes bind each.
    private var counts: [String: Int] = [:]

    init(_ names: [String] = []) { enter(names) }

    func contains(_ name: String) -> Bool { counts[name] != nil }

    /// Enters a scope that binds names; `leave` takes the same ones back.
    mutating func enter(_ names: [String]) { for name in names { counts[name, default: 0] += 1 } }

    mutating func leave(_ names: [String]) {
        for name in names { counts[name] = counts[name].flatMap { $0 > 1 ? $0 - 1 : nil } }
    }
}

private struct FreeNames {
    private(set) var found: [String: Int] = [:]
    private var bound = BoundNames()

    mutating func collect(_ body: [StatementSyntax]) {
        let names = body.flatMap(\.boundNames)
        bound.enter(names)
        for statement in body { collect(statement) }
        bound.leave(names)
    }

    private mutating func collect(_ statement: StatementSyntax) {
        var (expressions, inside) = (statement.expressions, [ExpressionSyntax]())
        if case .for(let loop) = statement, let test = loop.test { (expressions, inside) = ([loop.iterable], [test]) }
        if let macro = statement.macro { inside = macro.parameters.compactMap(\.defaultValue) }
        for expression in expressions { add(expression) }
        let names = statement.innerNames
        bound.enter(names)
        for expression in inside { add(expression) }
        for body in statement.bodies { collect(body) }
        bound.leave(names)
    }

    private mutating func add(_ expression: ExpressionSyntax) {
        NameAnalysis.visit(expression) { name, offset in
            if !bound.contains(name) { found[name] = min(found[name] ?? .max, offset) }
        }
    }
}

extension StatementSyntax {
    /// The macro that the statement defines, a call block's body included.
    fileprivate var macro: MacroSyntax? {
        switch self {
        case .macro(let macro), .call(let macro, _, _): macro
        default: nil
        }
    }

    /// The names that are bound in the statement's bodies by itself.
    fileprivate var innerNames: [String] {
        switch self {
        case .for(let loop): loop.target.names + ["loop"]
        case .with(let bindings, _): bindings.flatMap(\.target.names)
        case .macro(let macro), .call(let macro, _, _): macro.parameters.map(\.name) + ["caller", "varargs", "kwargs"]
        case .block: ["super", "self"]
        default: []
        }
    }
}
