import OpsCore

/// Finds the variables without which a template can't be rendered at all.
///
/// Only what is evaluated whatever the values are: not what stands in branches, in the bodies of loops, behind
/// `and`, `or` and `default`, or in lists and mappings, whose parts may never be looked at.
public enum RequiredNames {
    /// Names with the place where each is read first; none if the text is no valid template.
    ///
    /// - Parameter isExpression: a bare expression, as in `when`.
    public static func find(
        in text: String, origin: TemplateOrigin, environment: TemplateEnvironment, isExpression: Bool = false
    ) -> [String: SourceLocation] {
        guard let (statements, source) = try? parse(text, origin, environment, isExpression) else { return [:] }
        var finder = Finder()
        finder.read(statements)
        let given = environment.globalNames
        return finder.found.filter { !given.contains($0.key) }.mapValues { source.location(at: $0) }
    }

    private static func parse(
        _ text: String, _ origin: TemplateOrigin, _ environment: TemplateEnvironment, _ isExpression: Bool
    ) throws(Diagnostic) -> ([StatementSyntax], SourceText) {
        if isExpression {
            let source = SourceText(bytes: Array(text.utf8), origin: origin)
            var parser = Parser(source, tokens: try Lexer.tokenizeExpression(source, syntax: environment.syntax))
            return ([.do(try parser.parseExpression(), offset: 0)], source)
        }
        let prepared = try PreparedSource(text, origin: origin, syntax: environment.syntax)
        var parser = Parser(prepared.source, tokens: try Lexer.tokenize(prepared.source, syntax: prepared.syntax))
        return (try parser.parseStatements(until: []), prepared.source)
    }

    private struct Finder {
        private(set) var found: [String: Int] = [:]
        private var bound = BoundNames(["self", "super", "caller", "varargs", "kwargs"])

        mutating func read(_ body: [StatementSyntax]) {
            // A template that extends another decides itself which blocks are shown.
            if body.contains(where: { if case .extends = $0 { true } else { false } }) { return }
            let names = body.flatMap(\.boundNames)
            bound.enter(names)
            for statement in body { read(statement) }
            bound.leave(names)
        }

        private mutating func read(_ statement: StatementSyntax) {
            switch statement {
            case .output(let value, _), .do(let value, _), .include(let value, false, _, _): read(value)
            case .if(let branches, _): if let first = branches.first { read(first.test) }
            case .for(let loop): read(loop.iterable)
            case .setBlock(_, _, let body, _), .filter(_, let body, _), .autoescape(_, let body): read(body)
            case .block(let block): read(block.body)
            case .with(let bindings, let body):
                let names = bindings.flatMap(\.target.names)
                bound.enter(names)
                read(body)
                bound.leave(names)
            default: break
            }
        }

        /// Not recursive: expressions can be high.
        private mutating func read(_ expression: ExpressionSyntax) {
            var pending = [expression]
            while let next = pending.popLast() {
                switch next {
                case .name(let name, let offset):
                    if !bound.contains(name) { found[name] = min(found[name] ?? .max, offset) }
                case .and(let left, _), .or(let left, _): pending.append(left)
                case .conditional(let test, _, _, _): pending.append(test)
                case .compare(let first, let operands, _): pending += [first] + operands.prefix(1).map(\.operand)
                case .list, .tuple, .dictionary: break
                case .filter(_, let name, _, _) where Self.lenientFilters.contains(Self.short(name)): break
                case .test(_, let name, _, _) where Self.lenientTests.contains(Self.short(name)): break
                default: pending += next.children
                }
            }
        }

        /// They take something undefined for what it is.
        private static let lenientFilters: Set<String> = ["default", "d", "ternary", "type_debug"]
        private static let lenientTests: Set<String> = ["defined", "undefined"]

        private static func short(_ name: String) -> String { name.split(separator: ".").last.map(String.init) ?? name }
    }
}
