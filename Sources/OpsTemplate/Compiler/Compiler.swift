import OpsCore

/// Turns a syntax tree into nodes with variables resolved to slots.
final class Compiler {
    /// The result of compiling one template.
    struct Unit {
        let prepared: PreparedSource
        let body: Body
        let slotCount: Int
        let contextNames: [(name: String, isStable: Bool)]
        let blocks: [BlockCode]
        let selfSlot: Int?
        let height: Int
    }

    let source: SourceText
    let environment: TemplateEnvironment
    private var contextNames: [String] = []
    private var contextIndex: [String: Int] = [:]
    /// Names that the top level binds, whose context value changes while the template runs.
    private var exportedNames: Set<String> = []
    var blocks: [BlockCode] = []
    /// Whether output at the top level may be dropped because of `extends`.
    var extendsOther = false
    /// In branches that may not run, unknown filters are errors only when they do.
    var branchDepth = 0
    /// Inside of captured bodies, macros and blocks output is never dropped.
    var captureDepth = 0

    init(_ source: SourceText, environment: TemplateEnvironment) {
        self.source = source
        self.environment = environment
    }

    static func compile(
        _ statements: [StatementSyntax], _ prepared: PreparedSource, environment: TemplateEnvironment, height: Int
    ) throws(Diagnostic) -> Unit {
        let compiler = Compiler(prepared.source, environment: environment)
        compiler.extendsOther = containsExtends(statements)
        let builder = UnitBuilder(parent: nil)
        let scope = ScopeBuilder(builder, parent: nil, isTopLevel: true)
        let usesSelf = NameAnalysis.mentions("self", in: statements)
        let selfSlot = usesSelf ? scope.declare("self", isAlwaysSet: true) : nil
        for name in statements.flatMap(\.boundNames) {
            scope.declare(name)
            compiler.exportedNames.insert(name)
        }
        let body = try compiler.compile(statements, scope)
        return Unit(
            prepared: prepared, body: body, slotCount: builder.slotCount,
            contextNames: compiler.contextNames.map { ($0, !compiler.exportedNames.contains($0)) },
            blocks: compiler.blocks, selfSlot: selfSlot, height: height)
    }

    private static func containsExtends(_ statements: [StatementSyntax]) -> Bool {
        statements.contains { statement in
            if case .extends = statement { return true }
            if case .if = statement { return statement.bodies.contains(where: containsExtends) }
            return false
        }
    }

    var isGuarded: Bool { extendsOther && captureDepth == 0 }

    func fail(_ code: String, _ message: String, _ offset: Int, hints: [String] = []) -> Diagnostic {
        Diagnostic(code: code, message, at: source.location(at: offset), hints: hints)
    }

    /// The node that reads a variable: the innermost binding that is set, or else the context.
    func resolve(_ name: String, _ offset: Int, _ scope: ScopeBuilder) -> any ExpressionNode {
        var bindings: [(slot: Int, levels: Int, isAlwaysSet: Bool)] = []
        var current: ScopeBuilder? = scope
        var unit = scope.unit
        var levels = 0
        while let here = current {
            if here.unit !== unit {
                unit = here.unit
                levels += 1
            }
            if let variable = here.variable(name) {
                bindings.append((variable.slot, levels, variable.isAlwaysSet))
                if variable.isAlwaysSet { break }
            }
            current = here.parent
        }
        var node: (any ExpressionNode)? = bindings.last?.isAlwaysSet == true ? nil : contextNode(name, offset)
        for (slot, levels, _) in bindings.reversed() {
            node = levels == 0 ? LocalNode(slot, fallback: node) : OuterNode(slot, levels: levels, fallback: node)
        }
        return node ?? contextNode(name, offset)
    }

    private func contextNode(_ name: String, _ offset: Int) -> ContextNode {
        if let index = contextIndex[name] { return ContextNode(index, name, offset: offset) }
        let index = contextNames.count
        contextIndex[name] = index
        contextNames.append(name)
        return ContextNode(index, name, offset: offset)
    }

    /// The variables that an included template or scoped block can see here.
    func visible(_ scope: ScopeBuilder, _ offset: Int) -> [(name: String, node: any ExpressionNode)] {
        scope.visibleNames.map { ($0, resolve($0, offset, scope)) }
    }
}
