import OpsCore

/// A place where a template or expression reads a member of a variable: `smtp.password`.
public struct MemberUse: Hashable, Sendable {
    /// How sure it is that the member has to be there.
    public enum Need: Int, Comparable, Sendable {
        /// It has a default, or is asked whether it is defined.
        case none
        /// It is read in one branch of a condition, in a loop or a macro.
        case sometimes
        case always

        public static func < (left: Need, right: Need) -> Bool { left.rawValue < right.rawValue }
    }

    public var variable: String
    /// Keys and list positions below it.
    public var members: [String]
    public var need: Need
    public var location: SourceLocation

    /// All of a template, in no particular order; names that it binds itself are left out.
    /// - Throws: the first syntax error
    public static func all(inTemplate source: String, origin: TemplateOrigin) throws(Diagnostic) -> [MemberUse] {
        let prepared = try PreparedSource(source, origin: origin, syntax: TemplateSyntax())
        var parser = Parser(prepared.source, tokens: try Lexer.tokenize(prepared.source, syntax: prepared.syntax))
        var analysis = MemberAnalysis(source: prepared.source)
        analysis.collect(try parser.parseStatements(until: []), .always)
        return analysis.uses
    }

    /// All of a bare expression, such as those of `when:`.
    public static func all(inExpression source: String, origin: TemplateOrigin) throws(Diagnostic) -> [MemberUse] {
        let text = SourceText(bytes: Array(source.utf8), origin: origin)
        var parser = Parser(text, tokens: try Lexer.tokenizeExpression(text, syntax: TemplateSyntax()))
        var analysis = MemberAnalysis(source: text)
        analysis.add(try parser.parseExpression(), .always)
        return analysis.uses
    }
}

/// Gathers the uses of members from a syntax tree.
private struct MemberAnalysis {
    let source: SourceText
    private(set) var uses: [MemberUse] = []
    private var bound = BoundNames()

    init(source: SourceText) { self.source = source }

    mutating func collect(_ body: [StatementSyntax], _ need: MemberUse.Need) {
        let names = body.flatMap(\.boundNames)
        bound.enter(names)
        for statement in body { collect(statement, need) }
        bound.leave(names)
    }

    private mutating func collect(_ statement: StatementSyntax, _ need: MemberUse.Need) {
        let sometimes = min(need, .sometimes)
        switch statement {
        case .if(let branches, _):
            for (index, branch) in branches.enumerated() { add(branch.test, index == 0 ? need : sometimes) }
            collectBodies(statement, binding: [], sometimes)
        case .for(let loop):
            add(loop.iterable, need)
            let names = loop.target.names + ["loop"]
            bound.enter(names)
            if let test = loop.test { add(test, sometimes) }
            bound.leave(names)
            collectBodies(statement, binding: names, sometimes)
        case .macro(let macro), .call(let macro, _, _):
            for expression in statement.expressions { add(expression, need) }
            collectBodies(statement, binding: macro.parameters.map(\.name), sometimes)
        default:
            let names: [String] = if case .with(let bindings, _) = statement { bindings.flatMap(\.target.names) } else { [] }
            for expression in statement.expressions { add(expression, need) }
            collectBodies(statement, binding: names, need)
        }
    }

    private mutating func collectBodies(_ statement: StatementSyntax, binding names: [String], _ need: MemberUse.Need) {
        bound.enter(names)
        for body in statement.bodies { collect(body, need) }
        bound.leave(names)
    }

    /// Not recursive: expressions can be high.
    mutating func add(_ expression: ExpressionSyntax, _ need: MemberUse.Need) {
        var pending = [(expression, need)]
        while let (next, need) = pending.popLast() {
            if let path = Self.path(next) {
                guard !bound.contains(path.variable), !path.members.isEmpty else { continue }
                uses.append(
                    MemberUse(
                        variable: path.variable, members: path.members, need: need,
                        location: source.location(at: path.offset)))
                continue
            }
            let sometimes = min(need, .sometimes)
            switch next {
            case .filter(let subject?, "default", let arguments, _), .filter(let subject?, "d", let arguments, _):
                pending += [(subject, .none)] + arguments.expressions.map { ($0, sometimes) }
            case .test(let subject, "defined", _, _), .test(let subject, "undefined", _, _):
                pending.append((subject, .none))
            case .and(let left, let right), .or(let left, let right): pending += [(left, need), (right, sometimes)]
            case .conditional(let test, let then, let otherwise, _):
                pending += [(test, need), (then, sometimes)] + (otherwise.map { [($0, sometimes)] } ?? [])
            case .call(.attribute(let subject, _, _), let arguments, _):
                // A method: `smtp.hosts.split(',')`.
                pending += ([subject] + arguments.expressions).map { ($0, need) }
            default: pending += next.children.map { ($0, need) }
            }
        }
    }

    /// The variable and the keys that the expression names, if that is all it does.
    private static func path(_ expression: ExpressionSyntax) -> (variable: String, members: [String], offset: Int)? {
        var members: [String] = []
        var expression = expression
        while true {
            switch expression {
            case .name(let name, let offset): return (name, members.reversed(), offset)
            case .attribute(let subject, let name, _): (expression, members) = (subject, members + [name])
            case .item(let subject, .string(let key), _): (expression, members) = (subject, members + [key])
            case .item(let subject, .integer(let index), _):
                (expression, members) = (subject, members + [String(index)])
            default: return nil
            }
        }
    }
}
