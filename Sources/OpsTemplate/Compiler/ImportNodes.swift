import OpsCore

/// Finds the templates that statements name.
enum TemplateFinder {
    static func template(_ name: JinjaValue, _ frame: Frame) throws -> CompiledTemplate {
        if case .undefined(let undefined) = name { throw undefined.diagnostic }
        let names = name.sequence?.items ?? [name]
        for candidate in names { if let template = try find(candidate, frame) { return template } }
        let texts = names.compactMap(\.comparableText)
        let listed = texts.map { "'\($0)'" }.joined(separator: ", ")
        let hints = texts.first.flatMap { frame.environment.hintsForMissing?($0, file(of: frame)) } ?? []
        throw Diagnostic(
            code: "template-missing",
            texts.count == 1 ? "there is no template \(listed)" : "none of the templates exists: \(listed)", hints: hints)
    }

    private static func file(of frame: Frame) -> String { frame.instance.template.source.origin.start.file }

    /// nil if there is no such template.
    static func find(_ name: JinjaValue, _ frame: Frame) throws -> CompiledTemplate? {
        guard let text = name.text else {
            throw Diagnostic(code: "template-type", "the name of a template must be a string, not \(name.kindName)")
        }
        guard frame.environment.loader != nil else {
            throw Diagnostic(
                code: "template-missing", "the template '\(text)' cannot be loaded, as templates are not read from files here")
        }
        return try frame.state.template(text, from: file(of: frame))
    }
}

final class IncludeNode: StatementNode {
    private let name: any ExpressionNode
    private let ignoreMissing: Bool
    private let withContext: Bool
    private let isGuarded: Bool
    private let visible: [(name: String, node: any ExpressionNode)]
    private let offset: Int

    init(
        _ name: any ExpressionNode, ignoreMissing: Bool, withContext: Bool, isGuarded: Bool,
        visible: [(name: String, node: any ExpressionNode)], offset: Int
    ) {
        self.name = name
        self.ignoreMissing = ignoreMissing
        self.withContext = withContext
        self.isGuarded = isGuarded
        self.visible = visible
        self.offset = offset
    }

    func run(_ frame: Frame, _ output: inout Output) throws -> Flow {
        if isGuarded, frame.parentTemplate != nil { return .normal }
        let name = try name.evaluate(frame)
        let context = try frame.contextForOther(visible, withContext: withContext)
        try frame.located(offset) {
            if ignoreMissing, case .undefined(let undefined) = name { throw undefined.diagnostic }
            if ignoreMissing {
                for candidate in name.sequence?.items ?? [name] {
                    guard let template = try TemplateFinder.find(candidate, frame) else { continue }
                    return try include(template, context, frame, &output)
                }
            } else {
                try include(try TemplateFinder.template(name, frame), context, frame, &output)
            }
        }
        return .normal
    }

    private func include(
        _ template: CompiledTemplate, _ context: TemplateContext, _ frame: Frame, _ output: inout Output
    ) throws {
        do {
            try template.render(context, autoescape: frame.autoescape, &output)
        } catch var diagnostic as Diagnostic {
            diagnostic.trail.insert(Diagnostic.Note("included", at: frame.location(offset)), at: 0)
            throw diagnostic
        }
    }
}

extension Frame {
    /// The context in which another template runs that is included or imported here.
    func contextForOther(_ visible: [(name: String, node: any ExpressionNode)], withContext: Bool) throws
        -> TemplateContext
    {
        let context = instance.context
        guard withContext else { return TemplateContext(state: state, seesScope: false) }
        var locals: [String: JinjaValue] = [:]
        for (name, node) in visible {
            let value = try node.evaluate(self)
            if !value.isUndefined { locals[name] = value }
        }
        return TemplateContext(state: state, inherited: context.passedOn(locals), seesScope: context.isScopeVisible)
    }
}

/// An imported template: its macros and top-level variables.
final class ModuleObject: TemplateObject {
    private let context: TemplateContext
    private let name: String
    let output: JinjaValue

    init(_ context: TemplateContext, name: String, output: JinjaValue) {
        self.context = context
        self.name = name
        self.output = output
    }

    var typeName: String { "TemplateModule" }
    var text: String { output.comparableText ?? "" }
    var attributeNames: [String] { context.exports.map(\.name).filter { !$0.hasPrefix("_") } }
    func attribute(_ name: String, _ frame: Frame) throws -> JinjaValue? {
        name.hasPrefix("_") ? nil : context.exported(name)
    }

    static func load(_ name: JinjaValue, _ context: TemplateContext, _ frame: Frame, _ offset: Int) throws
        -> ModuleObject
    {
        try frame.located(offset) {
            let template = try TemplateFinder.template(name, frame)
            do {
                var output = Output(frame.state, keepsTypes: false)
                try template.render(context, autoescape: frame.autoescape, &output)
                return ModuleObject(context, name: template.source.origin.start.file, output: try output.value(frame))
            } catch var diagnostic as Diagnostic {
                diagnostic.trail.insert(Diagnostic.Note("imported", at: frame.location(offset)), at: 0)
                throw diagnostic
            }
        }
    }
}

final class ImportNode: StatementNode {
    private let name: any ExpressionNode
    private let target: Target
    private let withContext: Bool
    private let visible: [(name: String, node: any ExpressionNode)]
    private let offset: Int

    init(
        _ name: any ExpressionNode, target: Target, withContext: Bool,
        visible: [(name: String, node: any ExpressionNode)], offset: Int
    ) {
        self.name = name
        self.target = target
        self.withContext = withContext
        self.visible = visible
        self.offset = offset
    }

    func run(_ frame: Frame, _ output: inout Output) throws -> Flow {
        let context = try frame.contextForOther(visible, withContext: withContext)
        let module = try ModuleObject.load(try name.evaluate(frame), context, frame, offset)
        try target.bind(.object(module), frame)
        return .normal
    }
}

final class FromImportNode: StatementNode {
    private let name: any ExpressionNode
    private let names: [(name: String, target: Target)]
    private let withContext: Bool
    private let visible: [(name: String, node: any ExpressionNode)]
    private let offset: Int

    init(
        _ name: any ExpressionNode, names: [(name: String, target: Target)], withContext: Bool,
        visible: [(name: String, node: any ExpressionNode)], offset: Int
    ) {
        self.name = name
        self.names = names
        self.withContext = withContext
        self.visible = visible
        self.offset = offset
    }

    func run(_ frame: Frame, _ output: inout Output) throws -> Flow {
        let context = try frame.contextForOther(visible, withContext: withContext)
        let module = try ModuleObject.load(try self.name.evaluate(frame), context, frame, offset)
        for (name, target) in names {
            let location = frame.location(offset)
            let value = try module.attribute(name, frame)
                ?? Access.missing(name, of: .object(module), label: "the imported template", at: location)
            try target.bind(value, frame)
        }
        return .normal
    }
}
