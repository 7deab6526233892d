import OpsCore

extension Compiler {
    func compile(_ syntax: ExpressionSyntax, _ scope: ScopeBuilder) throws(Diagnostic) -> any ExpressionNode {
        switch syntax {
        case .null: return ConstantNode(.null)
        case .bool(let flag): return ConstantNode(.bool(flag))
        case .integer(let number): return ConstantNode(.int(number))
        case .float(let number): return ConstantNode(.double(number))
        case .string(let text): return StringNode(text)
        case .name(let name, let offset): return resolve(name, offset, scope)
        case .list(let items): return ListNode(try compile(items, scope), isTuple: false)
        case .tuple(let items): return ListNode(try compile(items, scope), isTuple: true)
        case .dictionary(let items, let offset): return try compileMap(items, offset, scope)
        case .attribute(let subject, let name, let offset):
            return AttributeNode(try compile(subject, scope), name, label: label(subject), offset: offset)
        case .item(let subject, let key, let offset): return try compileItem(subject, key, offset, scope)
        case .slice(let start, let stop, let step):
            return ListNode(try compile([start, stop, step].map { $0 ?? .null }, scope), isTuple: true)
        case .call(let callee, let arguments, let offset):
            let (callee, arguments) = (try compile(callee, scope), try compile(arguments, scope))
            if let method = callee as? AttributeNode { return MethodCallNode(method, arguments, offset: offset) }
            return CallNode(callee, arguments, offset: offset)
        case .filter(let subject, let name, let arguments, let offset):
            return try compileFilter(subject, name, arguments, offset, scope)
        case .test(let subject, let name, let arguments, let offset):
            return try compileTest(subject, name, arguments, offset, scope)
        case .concat(let parts): return ConcatNode(try compile(parts, scope))
        case .goSuspect(let value, let offset): return GoSuspectNode(try compile(value, scope), offset: offset)
        default: return try compileOperator(syntax, scope)
        }
    }

    func compile(_ items: [ExpressionSyntax], _ scope: ScopeBuilder) throws(Diagnostic) -> [any ExpressionNode] {
        var nodes: [any ExpressionNode] = []
        for item in items { nodes.append(try compile(item, scope)) }
        return nodes
    }

    private func compileOperator(_ syntax: ExpressionSyntax, _ scope: ScopeBuilder) throws(Diagnostic)
        -> any ExpressionNode
    {
        switch syntax {
        case .not(let operand): return NotNode(try compile(operand, scope))
        case .negate(let operand, let offset):
            return SignNode(try compile(operand, scope), isNegative: true, offset: offset)
        case .plus(let operand, let offset):
            return SignNode(try compile(operand, scope), isNegative: false, offset: offset)
        case .and(let left, let right): return AndNode(try compile(left, scope), try compile(right, scope))
        case .or(let left, let right): return OrNode(try compile(left, scope), try compile(right, scope))
        case .binary(let binary, let left, let right, let offset):
            return BinaryNode(binary, try compile(left, scope), try compile(right, scope), offset: offset)
        case .compare(let first, let operands, let offset):
            var compiled: [(comparison: ComparisonOperator, operand: any ExpressionNode)] = []
            for (comparison, operand) in operands { compiled.append((comparison, try compile(operand, scope))) }
            return CompareNode(try compile(first, scope), compiled, offset: offset)
        case .conditional(let test, let then, let otherwise, let offset):
            branchDepth += 1
            defer { branchDepth -= 1 }
            let otherwiseNode: (any ExpressionNode)? = if let otherwise { try compile(otherwise, scope) } else { nil }
            return ConditionalNode(try compile(test, scope), try compile(then, scope), otherwiseNode, offset: offset)
        default: throw fail("template-syntax", "unexpected expression", 0)
        }
    }

    private func compileMap(
        _ items: [(key: ExpressionSyntax, value: ExpressionSyntax)], _ offset: Int, _ scope: ScopeBuilder
    ) throws(Diagnostic) -> any ExpressionNode {
        var nodes: [(key: any ExpressionNode, value: any ExpressionNode)] = []
        for (key, value) in items { nodes.append((try compile(key, scope), try compile(value, scope))) }
        return MapNode(nodes, offset: offset)
    }

    private func compileItem(
        _ subject: ExpressionSyntax, _ key: ExpressionSyntax, _ offset: Int, _ scope: ScopeBuilder
    ) throws(Diagnostic) -> any ExpressionNode {
        let owner = try compile(subject, scope)
        guard case .slice(let start, let stop, let step) = key else {
            return ItemNode(owner, try compile(key, scope), label: label(subject), offset: offset)
        }
        var bounds: [(any ExpressionNode)?] = []
        for bound in [start, stop, step] {
            let node: (any ExpressionNode)? = if let bound { try compile(bound, scope) } else { nil }
            bounds.append(node)
        }
        return SliceNode(owner, bounds, offset: offset)
    }

    func compile(_ syntax: ArgumentsSyntax, _ scope: ScopeBuilder) throws(Diagnostic) -> ArgumentNodes {
        var arguments = ArgumentNodes()
        arguments.positional = try compile(syntax.positional, scope)
        for (name, value) in syntax.keyword { arguments.keyword.append((name, try compile(value, scope))) }
        if let star = syntax.star { arguments.star = try compile(star, scope) }
        if let doubleStar = syntax.doubleStar { arguments.doubleStar = try compile(doubleStar, scope) }
        return arguments
    }

    private func compileFilter(
        _ subject: ExpressionSyntax?, _ name: String, _ arguments: ArgumentsSyntax, _ offset: Int, _ scope: ScopeBuilder
    ) throws(Diagnostic) -> any ExpressionNode {
        let value = try compile(subject ?? .name(Compiler.filterInput, offset: offset), scope)
        let compiled = try compile(arguments, scope)
        guard let filter = environment.filter(name) else { return try unknown("filter", name, offset) }
        return FunctionNode(value, filter, compiled, offset: offset)
    }

    /// The name under which a filter block's text is found; no template can write it.
    static let filterInput = " input"

    private func compileTest(
        _ subject: ExpressionSyntax, _ name: String, _ arguments: ArgumentsSyntax, _ offset: Int, _ scope: ScopeBuilder
    ) throws(Diagnostic) -> any ExpressionNode {
        let value = try compile(subject, scope)
        let compiled = try compile(arguments, scope)
        guard let test = environment.test(name) else { return try unknown("test", name, offset) }
        return FunctionNode(value, test, compiled, offset: offset)
    }

    private func unknown(_ kind: String, _ name: String, _ offset: Int) throws(Diagnostic) -> any ExpressionNode {
        var diagnostic = environment.unknown(kind, name)
        diagnostic.location = source.location(at: offset)
        guard branchDepth > 0 else { throw diagnostic }
        return UnknownFunctionNode(diagnostic)
    }

    /// How an expression is written, as far as that helps in a message.
    private func label(_ syntax: ExpressionSyntax) -> String {
        var path: [String] = []
        var current = syntax
        while true {
            switch current {
            case .name(let name, _): return "'" + ([name] + path.reversed()).joined() + "'"
            case .attribute(let subject, let name, _):
                path.append("." + name)
                current = subject
            case .item(let subject, .string(let key), _):
                path.append("['\(key)']")
                current = subject
            case .item(let subject, .integer(let index), _):
                path.append("[\(index)]")
                current = subject
            default: return "the value"
            }
        }
    }
}
