extension ExpressionSyntax {
    /// The expressions directly inside.
    var children: [ExpressionSyntax] {
        switch self {
        case .null, .bool, .integer, .float, .string, .name: []
        case .list(let items), .tuple(let items), .concat(let items): items
        case .dictionary(let items, _): items.flatMap { [$0.key, $0.value] }
        case .attribute(let subject, _, _): [subject]
        case .item(let subject, let key, _): [subject, key]
        case .slice(let start, let stop, let step): [start, stop, step].compactMap(\.self)
        case .call(let callee, let arguments, _): [callee] + arguments.expressions
        case .filter(let subject, _, let arguments, _): (subject.map { [$0] } ?? []) + arguments.expressions
        case .test(let subject, _, let arguments, _): [subject] + arguments.expressions
        case .goSuspect(let value, _): [value]
        case .not(let operand), .negate(let operand, _), .plus(let operand, _): [operand]
        case .binary(_, let left, let right, _), .and(let left, let right), .or(let left, let right): [left, right]
        case .compare(let first, let operands, _): [first] + operands.map(\.operand)
        case .conditional(let test, let then, let otherwise, _): [test, then] + (otherwise.map { [$0] } ?? [])
        }
    }

    /// Levels of the tree. Counted without recursion, as it guards what recurses.
    var height: Int {
        var level = [self]
        var height = 0
        while !level.isEmpty {
            height += 1
            level = level.flatMap(\.children)
        }
        return height
    }
}

extension ArgumentsSyntax {
    var expressions: [ExpressionSyntax] {
        positional + keyword.map(\.value) + [star, doubleStar].compactMap(\.self)
    }
}

extension TargetSyntax {
    /// The variables that it binds.
    var names: [String] {
        switch self {
        case .name(let name, _): [name]
        case .tuple(let items, _): items.flatMap(\.names)
        case .attribute: []
        }
    }
}

extension StatementSyntax {
    /// The names that the statement binds in the scope it stands in; what is inside of loops, macros and
    /// captured bodies binds there.
    var boundNames: [String] {
        switch self {
        case .set(let target, _, _), .setBlock(let target, _, _, _): target.names
        case .macro(let macro): [macro.name]
        case .import(_, let alias, _, _): [alias]
        case .fromImport(_, let names, _, _): names.map(\.alias)
        case .if(let branches, let otherwise): (branches.map(\.body) + [otherwise]).joined().flatMap(\.boundNames)
        case .autoescape(_, let body): body.flatMap(\.boundNames)
        default: []
        }
    }

    /// The expressions that the statement itself evaluates.
    var expressions: [ExpressionSyntax] {
        switch self {
        case .text, .block, .break, .continue, .macro: []
        case .output(let value, _), .extends(let value, _), .include(let value, _, _, _), .import(let value, _, _, _),
            .fromImport(let value, _, _, _), .autoescape(let value, _), .do(let value, _), .filter(let value, _, _),
            .call(_, let value, _): [value]
        case .if(let branches, _): branches.map(\.test)
        case .for(let loop): [loop.iterable] + (loop.test.map { [$0] } ?? [])
        case .set(let target, let value, _): [value] + target.namespaceNames
        case .setBlock(let target, let filter, _, _): (filter.map { [$0] } ?? []) + target.namespaceNames
        case .with(let bindings, _): bindings.map(\.value)
        }
    }

    /// The bodies inside.
    var bodies: [[StatementSyntax]] {
        switch self {
        case .if(let branches, let otherwise): branches.map(\.body) + [otherwise]
        case .for(let loop): [loop.body, loop.otherwise]
        case .setBlock(_, _, let body, _), .with(_, let body), .filter(_, let body, _), .autoescape(_, let body): [body]
        case .macro(let macro), .call(let macro, _, _): [macro.body]
        case .block(let block): [block.body]
        default: []
        }
    }
}

extension TargetSyntax {
    /// The namespaces whose attributes it sets, as they are read for that.
    fileprivate var namespaceNames: [ExpressionSyntax] {
        switch self {
        case .name: []
        case .tuple(let items, _): items.flatMap(\.namespaceNames)
        case .attribute(let namespace, _, let offset): [.name(namespace, offset: offset)]
        }
    }
}
