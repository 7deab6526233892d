import OpsCore

/// The arguments of a call, compiled.
struct ArgumentNodes: Sendable {
    var positional: [any ExpressionNode] = []
    var keyword: [(name: String, value: any ExpressionNode)] = []
    var star: (any ExpressionNode)?
    var doubleStar: (any ExpressionNode)?

    func evaluate(_ frame: Frame) throws -> Arguments {
        var arguments = Arguments()
        if !positional.isEmpty { arguments.positional = try positional.map { try $0.evaluate(frame) } }
        for (name, value) in keyword { arguments.keyword.append((name, try value.evaluate(frame))) }
        if let star { arguments.positional += try frame.iterate(try star.evaluate(frame)) }
        if let doubleStar { try addOptions(try doubleStar.evaluate(frame), to: &arguments) }
        return arguments
    }

    private func addOptions(_ value: JinjaValue, to arguments: inout Arguments) throws {
        guard case .map(let map) = value else {
            throw Diagnostic(code: "template-type", "'**' needs a mapping, not \(value.kindName)")
        }
        for (key, value) in try map.items() {
            guard let name = key.value.text else { throw Diagnostic(code: "template-type", "'**' needs string keys") }
            arguments.keyword.append((name, value))
        }
    }
}

final class CallNode: ExpressionNode {
    private let callee: any ExpressionNode
    private let arguments: ArgumentNodes
    /// Set when the callee is `x.name`, so that methods need no intermediate object.
    private let method: AttributeNode?
    private let offset: Int

    init(_ callee: any ExpressionNode, _ arguments: ArgumentNodes, offset: Int) {
        self.callee = callee
        self.arguments = arguments
        method = callee as? AttributeNode
        self.offset = offset
    }

    func evaluate(_ frame: Frame) throws -> JinjaValue {
        if let method {
            let owner = try method.subject.evaluate(frame)
            if let definition = method.methods.definition(for: owner) {
                return try frame.located(offset) { try definition.call(owner, try arguments.evaluate(frame), frame) }
            }
            return try call(try method.evaluate(of: owner, frame), frame)
        }
        return try call(try callee.evaluate(frame), frame)
    }

    private func call(_ value: JinjaValue, _ frame: Frame) throws -> JinjaValue {
        try frame.located(offset) {
            switch value {
            case .callable(let callable): return try callable.call(try arguments.evaluate(frame), frame)
            case .object(let object as any CallableObject): return try object.call(try arguments.evaluate(frame), frame)
            case .undefined(let undefined):
                if frame.environment.dialect == .ansible { return value }
                throw undefined.diagnostic
            default: throw Diagnostic(code: "template-type", "\(value.kindName) cannot be called")
            }
        }
    }
}

/// A template object that can be called.
protocol CallableObject: TemplateObject {
    func call(_ arguments: Arguments, _ frame: Frame) throws -> JinjaValue
}

final class FilterNode: ExpressionNode {
    private let subject: any ExpressionNode
    private let filter: FunctionDefinition
    private let arguments: ArgumentNodes
    private let offset: Int

    init(_ subject: any ExpressionNode, _ filter: FunctionDefinition, _ arguments: ArgumentNodes, offset: Int) {
        self.subject = subject
        self.filter = filter
        self.arguments = arguments
        self.offset = offset
    }

    func evaluate(_ frame: Frame) throws -> JinjaValue {
        let value = try subject.evaluate(frame)
        return try frame.located(offset) { try filter.call(value, try arguments.evaluate(frame), frame) }
    }
}

final class TestNode: ExpressionNode {
    private let subject: any ExpressionNode
    private let test: FunctionDefinition
    private let arguments: ArgumentNodes
    private let offset: Int

    init(_ subject: any ExpressionNode, _ test: FunctionDefinition, _ arguments: ArgumentNodes, offset: Int) {
        self.subject = subject
        self.test = test
        self.arguments = arguments
        self.offset = offset
    }

    func evaluate(_ frame: Frame) throws -> JinjaValue {
        let value = try subject.evaluate(frame)
        return try frame.located(offset) { try test.call(value, try arguments.evaluate(frame), frame) }
    }
}

/// A filter or test that does not exist, in a branch that may never run; an error when it does.
final class UnknownFunctionNode: ExpressionNode {
    private let diagnostic: Diagnostic
    init(_ diagnostic: Diagnostic) { self.diagnostic = diagnostic }
    func evaluate(_ frame: Frame) throws -> JinjaValue { throw diagnostic }
}
