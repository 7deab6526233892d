import OpsCore

/// A compiled block of one template.
final class BlockCode: Sendable {
    let name: String
    let body: Body
    let slotCount: Int
    let superSlot: Int?
    let selfSlot: Int?
    let isRequired: Bool
    let offset: Int

    init(
        name: String, body: Body, slotCount: Int, superSlot: Int?, selfSlot: Int?, isRequired: Bool, offset: Int
    ) {
        self.name = name
        self.body = body
        self.slotCount = slotCount
        self.superSlot = superSlot
        self.selfSlot = selfSlot
        self.isRequired = isRequired
        self.offset = offset
    }
}

/// A block with the template it belongs to.
struct BlockDefinition {
    let code: BlockCode
    let template: CompiledTemplate
}

final class BlockNode: StatementNode {
    private let name: String
    private let isGuarded: Bool
    /// The variables that a `scoped` block sees, by name.
    private let visible: [(name: String, node: any ExpressionNode)]
    private let offset: Int

    init(_ name: String, isGuarded: Bool, visible: [(name: String, node: any ExpressionNode)], offset: Int) {
        self.name = name
        self.isGuarded = isGuarded
        self.visible = visible
        self.offset = offset
    }

    func run(_ frame: Frame, _ output: inout Output) throws -> Flow {
        if isGuarded, frame.parentTemplate != nil { return .normal }
        var context = frame.instance.context
        if !visible.isEmpty {
            var locals: [String: JinjaValue] = [:]
            for (name, node) in visible {
                let value = try node.evaluate(frame)
                if !value.isUndefined { locals[name] = value }
            }
            context = context.derived(locals)
        }
        try frame.located(offset) {
            try context.render(block: name, level: 0, autoescape: frame.autoescape, &output)
        }
        return .normal
    }
}

extension TemplateContext {
    /// A context that sees more variables and has the same blocks.
    func derived(_ locals: [String: JinjaValue]) -> TemplateContext {
        let context = TemplateContext(state: state, inherited: passedOn(locals), seesScope: isScopeVisible)
        context.blocks = blocks
        return context
    }

    /// Outputs a block; level 0 is the most derived definition, 1 the one that overrides, and so on.
    func render(block name: String, level: Int, autoescape: Bool, _ output: inout Output) throws {
        guard let definitions = blocks[name], level < definitions.count else {
            throw Diagnostic(code: "template-undefined", "there is no parent block called '\(name)'")
        }
        let definition = definitions[level]
        let code = definition.code
        if code.isRequired {
            throw Diagnostic(code: "template-inheritance", "the block '\(name)' is required and not overridden")
        }
        let frame = Frame(TemplateInstance(definition.template, self), slots: code.slotCount, autoescape: autoescape)
        if let slot = code.superSlot { frame[slot] = parentBlock(name, level + 1, autoescape) }
        if let slot = code.selfSlot { frame[slot] = .object(TemplateReference(self, autoescape: autoescape)) }
        try state.called(definition.template.height) { _ = try code.body.run(frame, &output) }
    }

    func parentBlock(_ name: String, _ level: Int, _ autoescape: Bool) -> JinjaValue {
        guard let definitions = blocks[name], level < definitions.count else {
            return .undefined(UndefinedValue(name: "super") {
                Diagnostic(code: "template-undefined", "there is no parent block called '\(name)'")
            })
        }
        return .object(BlockReference(self, name, level: level, autoescape: autoescape))
    }
}

/// `super` and `self.name`: a block that can be called, and asked for its own `super`.
final class BlockReference: TemplateObject, CallableObject {
    private let context: TemplateContext
    private let name: String
    private let level: Int
    private let autoescape: Bool

    init(_ context: TemplateContext, _ name: String, level: Int, autoescape: Bool) {
        self.context = context
        self.name = name
        self.level = level
        self.autoescape = autoescape
    }

    var typeName: String { "BlockReference" }
    var text: String { "<BlockReference \(name)>" }
    var attributeNames: [String] { ["super"] }

    func attribute(_ name: String, _ frame: Frame) throws -> JinjaValue? {
        name == "super" ? context.parentBlock(self.name, level + 1, autoescape) : nil
    }

    func call(_ arguments: Arguments, _ frame: Frame) throws -> JinjaValue {
        var output = Output(context.state, keepsTypes: frame.state.isAnsible)
        try context.render(block: name, level: level, autoescape: autoescape, &output)
        return try output.value(frame)
    }
}

/// `self`: the template's blocks by name.
final class TemplateReference: TemplateObject {
    private let context: TemplateContext
    private let autoescape: Bool

    init(_ context: TemplateContext, autoescape: Bool) {
        self.context = context
        self.autoescape = autoescape
    }

    var typeName: String { "TemplateReference" }
    var text: String { "<TemplateReference>" }
    var attributeNames: [String] { Array(context.blocks.keys) }

    func attribute(_ name: String, _ frame: Frame) throws -> JinjaValue? {
        context.blocks[name] == nil ? nil : .object(BlockReference(context, name, level: 0, autoescape: autoescape))
    }
}

final class ExtendsNode: StatementNode {
    private let name: any ExpressionNode
    private let offset: Int

    init(_ name: any ExpressionNode, offset: Int) {
        self.name = name
        self.offset = offset
    }

    func run(_ frame: Frame, _ output: inout Output) throws -> Flow {
        let name = try name.evaluate(frame)
        try frame.located(offset) {
            if frame.parentTemplate != nil {
                throw Diagnostic(code: "template-inheritance", "a template can extend only one other")
            }
            if name.sequence != nil {
                throw Diagnostic(code: "template-type", "'extends' takes one template, not a list")
            }
            frame.parentTemplate = try TemplateFinder.template(name, frame)
        }
        return .normal
    }
}
