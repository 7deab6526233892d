import OpsCore

/// What the templates of one inheritance chain share: exported variables and blocks.
final class TemplateContext {
    let state: RenderState
    /// Variables that an including template passed on.
    private let inherited: [String: JinjaValue]
    /// Whether variables of the scope are visible; an import without context sees only globals.
    private let seesScope: Bool
    /// What was set at the top level, in order.
    private(set) var exports: [(name: String, value: JinjaValue)] = []
    private var exportIndex: [String: Int] = [:]
    /// Every definition of each block, the most derived first.
    var blocks: [String: [BlockDefinition]] = [:]

    init(state: RenderState, inherited: [String: JinjaValue] = [:], seesScope: Bool = true) {
        self.state = state
        self.inherited = inherited
        self.seesScope = seesScope
    }

    func export(_ name: String, _ value: JinjaValue) {
        if let index = exportIndex[name] {
            exports[index].value = value
        } else {
            exportIndex[name] = exports.count
            exports.append((name, value))
        }
    }

    func exported(_ name: String) -> JinjaValue? { exportIndex[name].map { exports[$0].value } }

    func lookup(_ name: String) throws -> JinjaValue? {
        if let value = exported(name) { return value }
        if let value = inherited[name] { return value }
        return seesScope ? try state.variable(name) : state.environment.global(name, tracker: state.tracker)
    }

    /// What a template included with context sees besides the scope.
    func passedOn(_ locals: [String: JinjaValue]) -> [String: JinjaValue] {
        var all = inherited
        for (name, value) in exports { all[name] = value }
        for (name, value) in locals { all[name] = value }
        return all
    }

    var isScopeVisible: Bool { seesScope }

    /// Every name a template here could have meant.
    var visibleNames: [String] {
        (seesScope ? state.scope.names : []) + exports.map(\.name) + inherited.keys + state.environment.globalNames
    }
}

/// A compiled template at work in a context, with the context's variables it has used so far.
final class TemplateInstance {
    let template: CompiledTemplate
    let context: TemplateContext
    private let resolved: ValueSlots

    init(_ template: CompiledTemplate, _ context: TemplateContext) {
        self.template = template
        self.context = context
        resolved = ValueSlots(count: template.contextNames.count)
    }

    /// The context's variable number `index`, looked up once.
    func contextValue(_ index: Int) throws -> JinjaValue? {
        if let known = resolved[index] { return known }
        let (name, isStable) = template.contextNames[index]
        let value = try context.lookup(name)
        if isStable { resolved[index] = value }
        return value
    }
}
