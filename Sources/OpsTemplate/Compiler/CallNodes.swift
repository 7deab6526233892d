import OpsCore

final class CallNode: ExpressionNode {
    private let callee: any ExpressionNode
    private let arguments: ArgumentNodes
    private let hasNoArguments: Bool
    /// Set when the callee is `x.name`, so that methods need no intermediate object.
    private let method: AttributeNode?
    private let offset: Int

    init(_ callee: any ExpressionNode, _ arguments: ArgumentNodes, offset: Int) {
        self.callee = callee
        self.arguments = arguments
        hasNoArguments = arguments.isEmpty
        method = callee as? AttributeNode
        self.offset = offset
    }

    func evaluate(_ frame: Frame) throws -> JinjaValue {
        if let method {
            let owner = try method.subject.evaluate(frame)
            if let definition = method.methods.definition(for: owner) {
                return try frame.located(offset) {
                    if hasNoArguments { return try definition.call(owner, frame) }
                    return try definition.call(owner, try arguments.evaluate(frame), frame)
                }
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
                if frame.state.isAnsible { return value }
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

/// A filter or a test at work on a value.
final class FunctionNode: ExpressionNode {
    private let subject: any ExpressionNode
    private let function: FunctionDefinition
    private let arguments: ArgumentNodes
    /// The arguments in their places, where those are known already.
    private let placed: PlacedArguments?
    private let offset: Int

    init(_ subject: any ExpressionNode, _ function: FunctionDefinition, _ arguments: ArgumentNodes, offset: Int) {
        self.subject = subject
        self.function = function
        self.arguments = arguments
        placed = PlacedArguments(arguments, function.signature)
        self.offset = offset
    }

    func evaluate(_ frame: Frame) throws -> JinjaValue {
        let value = try subject.evaluate(frame)
        return try frame.located(offset) {
            if let placed { return try function.call(value, placed, frame) }
            return try function.call(value, try arguments.evaluate(frame), frame)
        }
    }
}

/// A filter or test that does not exist, in a branch that may never run; an error when it does.
final class UnknownFunctionNode: ExpressionNode {
    private let diagnostic: Diagnostic
    init(_ diagnostic: Diagnostic) { self.diagnostic = diagnostic }
    func evaluate(_ frame: Frame) throws -> JinjaValue { throw diagnostic }
}
