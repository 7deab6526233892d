import OpsCore

extension Compiler {
    func compile(_ statements: [StatementSyntax], _ scope: ScopeBuilder) throws(Diagnostic) -> Body {
        var nodes: [any StatementNode] = []
        for statement in statements {
            if case .output(let value, let offset) = statement {
                let before = nodes.last as? TextNode
                if before != nil { nodes.removeLast() }
                let expression = try compile(value, scope)
                nodes.append(
                    OutputNode(expression, after: before?.constant, isGuarded: isGuarded, offset: offset))
            } else if let node = try compile(statement, scope) {
                nodes.append(node)
            }
        }
        return Body(nodes)
    }

    private func compile(_ statement: StatementSyntax, _ scope: ScopeBuilder) throws(Diagnostic) -> (any StatementNode)?
    {
        switch statement {
        case .text(let text): return TextNode(text, isGuarded: isGuarded)
        case .do(let value, _): return DoNode(try compile(value, scope))
        case .break: return FlowNode(.breaks)
        case .continue: return FlowNode(.continues)
        case .if(let branches, let otherwise): return try compileIf(branches, otherwise, scope)
        case .for(let loop): return try loop.isRecursive ? compileRecursive(loop, scope) : compileLoop(loop, scope)
        case .set(let target, let value, let offset):
            return SetNode(try compile(target, scope), try compile(value, scope), offset: offset)
        case .setBlock(let target, let filter, let body, let offset):
            return try compileCapture(body, filter, into: target, offset, scope)
        case .filter(let filter, let body, let offset):
            return try compileCapture(body, filter, into: nil, offset, scope)
        case .with(let bindings, let body): return try compileWith(bindings, body, scope)
        case .autoescape(let value, let body):
            return AutoescapeNode(try compile(value, scope), body: try compile(body, scope))
        default: return try compileDefinition(statement, scope)
        }
    }

    private func compileIf(
        _ branches: [(test: ExpressionSyntax, body: [StatementSyntax])], _ otherwise: [StatementSyntax],
        _ scope: ScopeBuilder
    ) throws(Diagnostic) -> any StatementNode {
        branchDepth += 1
        defer { branchDepth -= 1 }
        var compiled: [(test: any ExpressionNode, body: Body)] = []
        for (test, body) in branches { compiled.append((try compile(test, scope), try compile(body, scope))) }
        let first = compiled.removeFirst()
        return IfNode(first.test, first.body, alternatives: compiled, otherwise: try compile(otherwise, scope))
    }

    /// Where an assignment in `scope` goes. The name has been declared when the scope began.
    func compile(_ target: TargetSyntax, _ scope: ScopeBuilder) throws(Diagnostic) -> Target {
        switch target {
        case .name(let name, _):
            return .slot(scope.declare(name), exportedAs: scope.isTopLevel ? name : nil)
        case .tuple(let items, _):
            var targets: [Target] = []
            for item in items { targets.append(try compile(item, scope)) }
            return .tuple(targets)
        case .attribute(let namespace, let attribute, let offset):
            return .attribute(namespace: resolve(namespace, offset, scope), name: attribute)
        }
    }

    /// A scope for a body that has its own variables.
    func innerScope(_ body: [StatementSyntax], _ outer: ScopeBuilder, unit: UnitBuilder? = nil) -> ScopeBuilder {
        let scope = ScopeBuilder(unit ?? outer.unit, parent: outer)
        for name in body.flatMap(\.boundNames) { scope.declare(name) }
        return scope
    }

    /// Runs `body` for code whose output is captured.
    func captured<T>(_ body: () throws(Diagnostic) -> T) throws(Diagnostic) -> T {
        captureDepth += 1
        defer { captureDepth -= 1 }
        return try body()
    }

    private func compileCapture(
        _ body: [StatementSyntax], _ filter: ExpressionSyntax?, into target: TargetSyntax?, _ offset: Int,
        _ scope: ScopeBuilder
    ) throws(Diagnostic) -> any StatementNode {
        let inner = innerScope(body, scope)
        let nodes = try captured { () throws(Diagnostic) in try compile(body, inner) }
        let captured = CapturedBody(body: nodes, slots: inner.slots)
        let filterScope = ScopeBuilder(scope.unit, parent: scope)
        let inputSlot = filterScope.declare(Compiler.filterInput, isAlwaysSet: true)
        let filterNode: (any ExpressionNode)? = if let filter { try compile(filter, filterScope) } else { nil }
        let targetNode: Target? = if let target { try compile(target, scope) } else { nil }
        return CaptureNode(captured, inputSlot: inputSlot, filter: filterNode, target: targetNode, offset: offset)
    }

    private func compileWith(
        _ bindings: [(target: TargetSyntax, value: ExpressionSyntax)], _ body: [StatementSyntax], _ scope: ScopeBuilder
    ) throws(Diagnostic) -> any StatementNode {
        let inner = ScopeBuilder(scope.unit, parent: scope)
        for name in bindings.flatMap(\.target.names) { inner.declare(name, isAlwaysSet: true) }
        for name in body.flatMap(\.boundNames) { inner.declare(name) }
        var compiled: [(target: Target, value: any ExpressionNode)] = []
        for (target, value) in bindings { compiled.append((try compile(target, inner), try compile(value, scope))) }
        let nodes = try compile(body, inner)
        return WithNode(compiled, body: nodes, slots: inner.slots)
    }

    private func compileLoop(_ loop: ForSyntax, _ scope: ScopeBuilder) throws(Diagnostic) -> any StatementNode {
        let iterable = try compile(loop.iterable, scope)
        return ForNode(iterable, try compileRounds(loop, ScopeBuilder(scope.unit, parent: scope), outer: scope))
    }

    private func compileRecursive(_ loop: ForSyntax, _ scope: ScopeBuilder) throws(Diagnostic) -> any StatementNode {
        let iterable = try compile(loop.iterable, scope)
        let unit = UnitBuilder(parent: scope.unit)
        let inner = ScopeBuilder(unit, parent: scope)
        let code = try captured { () throws(Diagnostic) in try compileRounds(loop, inner, outer: inner) }
        return RecursiveForNode(iterable, code, slotCount: unit.slotCount)
    }

    private func compileRounds(_ loop: ForSyntax, _ scope: ScopeBuilder, outer: ScopeBuilder) throws(Diagnostic)
        -> LoopCode
    {
        if loop.target.names.contains("loop") {
            throw fail("template-syntax", "'loop' cannot be the variable of a loop", loop.offset)
        }
        for name in loop.target.names { scope.declare(name, isAlwaysSet: true) }
        let usesLoop = loop.isRecursive || NameAnalysis.mentions("loop", in: loop.body)
        let loopSlot = usesLoop ? scope.declare("loop", isAlwaysSet: true) : nil
        for name in loop.body.flatMap(\.boundNames) { scope.declare(name) }
        let target = try compile(loop.target, scope)
        let test: (any ExpressionNode)? = if let test = loop.test { try compile(test, scope) } else { nil }
        let body = try compile(loop.body, scope)
        let slots = scope.slots
        let elseScope = innerScope(loop.otherwise, outer)
        let otherwise = CapturedStatements(body: try compile(loop.otherwise, elseScope), slots: elseScope.slots)
        return LoopCode(
            target: target, test: test, body: body, otherwise: otherwise, slots: slots, loopSlot: loopSlot,
            offset: loop.offset)
    }
}
