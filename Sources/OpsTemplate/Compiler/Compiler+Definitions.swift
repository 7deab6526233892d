import OpsCore

extension Compiler {
    func compileDefinition(_ statement: StatementSyntax, _ scope: ScopeBuilder) throws(Diagnostic) -> (
        any StatementNode
    )? {
        switch statement {
        case .macro(let macro):
            return MacroNode(
                try compileMacro(macro, scope), target: try compile(.name(macro.name, offset: macro.offset), scope))
        case .call(let macro, let call, let offset):
            guard case .call(let callee, let arguments, _) = call else { return nil }
            return CallBlockNode(
                try compileMacro(macro, scope), try compile(callee, scope), try compile(arguments, scope),
                offset: offset)
        case .block(let block): return try compileBlock(block, scope)
        case .extends(let name, let offset): return ExtendsNode(try compile(name, scope), offset: offset)
        case .include(let name, let ignoreMissing, let withContext, let offset):
            return IncludeNode(
                try compile(name, scope), ignoreMissing: ignoreMissing, withContext: withContext, isGuarded: isGuarded,
                visible: withContext ? visible(scope, offset) : [], offset: offset)
        case .import(let name, let alias, let withContext, let offset):
            return ImportNode(
                try compile(name, scope), target: try compile(.name(alias, offset: offset), scope),
                withContext: withContext,
                visible: withContext ? visible(scope, offset) : [], offset: offset)
        case .fromImport(let name, let names, let withContext, let offset):
            var targets: [(name: String, target: Target)] = []
            for (name, alias) in names { targets.append((name, try compile(.name(alias, offset: offset), scope))) }
            return FromImportNode(
                try compile(name, scope), names: targets, withContext: withContext,
                visible: withContext ? visible(scope, offset) : [], offset: offset)
        default: return nil
        }
    }

    private func compileMacro(_ macro: MacroSyntax, _ scope: ScopeBuilder) throws(Diagnostic) -> MacroCode {
        let unit = UnitBuilder(parent: scope.unit)
        let inner = ScopeBuilder(unit, parent: scope)
        let slots = macro.parameters.map { inner.declare($0.name, isAlwaysSet: true) }
        func special(_ name: String) -> Int? {
            let isUsed = NameAnalysis.mentions(name, in: macro.body)
            return isUsed && inner.variable(name) == nil ? inner.declare(name, isAlwaysSet: true) : nil
        }
        let callerSlot = inner.variable("caller")?.slot ?? special("caller")
        let (varargsSlot, kwargsSlot) = (special("varargs"), special("kwargs"))
        for name in macro.body.flatMap(\.boundNames) { inner.declare(name) }
        var parameters: [(name: String, slot: Int, defaultValue: (any ExpressionNode)?)] = []
        for (parameter, slot) in zip(macro.parameters, slots) {
            let value: (any ExpressionNode)? =
                if let value = parameter.defaultValue { try compile(value, inner) } else { nil }
            parameters.append((parameter.name, slot, value))
        }
        let body = try captured { () throws(Diagnostic) in try compile(macro.body, inner) }
        return MacroCode(
            name: macro.name, parameters: parameters, body: body, slotCount: unit.slotCount, callerSlot: callerSlot,
            varargsSlot: varargsSlot, kwargsSlot: kwargsSlot)
    }

    private func compileBlock(_ block: BlockSyntax, _ scope: ScopeBuilder) throws(Diagnostic) -> any StatementNode {
        let unit = UnitBuilder(parent: nil)
        let inner = ScopeBuilder(unit, parent: nil)
        let superSlot = NameAnalysis.mentions("super", in: block.body) ? inner.declare("super", isAlwaysSet: true) : nil
        let selfSlot = NameAnalysis.mentions("self", in: block.body) ? inner.declare("self", isAlwaysSet: true) : nil
        for name in block.body.flatMap(\.boundNames) { inner.declare(name) }
        let body = try captured { () throws(Diagnostic) in try compile(block.body, inner) }
        blocks.append(
            BlockCode(
                name: block.name, body: body, slotCount: unit.slotCount, superSlot: superSlot, selfSlot: selfSlot,
                isRequired: block.isRequired, offset: block.offset))
        return BlockNode(
            block.name, isGuarded: isGuarded, visible: block.isScoped ? visible(scope, block.offset) : [],
            offset: block.offset)
    }
}
