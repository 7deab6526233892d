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
        var free: [String: Int] = [:]
        collect(body, bound: [], into: &free)
        return free
    }

    private static func collect(_ body: [StatementSyntax], bound: Set<String>, into free: inout [String: Int]) {
        let bound = bound.union(body.flatMap(\.boundNames))
        for statement in body {
            var expressions = statement.expressions
            var inner = bound
            switch statement {
            case .for(let loop):
                inner.formUnion(loop.target.names + ["loop"])
                if let test = loop.test { expressions = [loop.iterable]; add(test, inner, &free) }
            case .with(let bindings, _): inner.formUnion(bindings.flatMap(\.target.names))
            case .macro(let macro), .call(let macro, _, _):
                inner.formUnion(macro.parameters.map(\.name) + ["caller", "varargs", "kwargs"])
                for parameter in macro.parameters { if let value = parameter.defaultValue { add(value, inner, &free) } }
            case .block: inner.formUnion(["super", "self"])
            default: break
            }
            for expression in expressions { add(expression, bound, &free) }
            for body in statement.bodies { collect(body, bound: inner, into: &free) }
        }
    }

    private static func add(_ expression: ExpressionSyntax, _ bound: Set<String>, _ free: inout [String: Int]) {
        visit(expression) { name, offset in
            if !bound.contains(name) { free[name] = min(free[name] ?? .max, offset) }
        }
    }
}
