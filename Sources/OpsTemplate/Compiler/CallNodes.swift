import OpsCore

final class CallNode: ExpressionNode {
    private let callee: any ExpressionNode
    private let arguments: ArgumentNodes
    private let offset: Int

    init(_ callee: any ExpressionNode, _ arguments: ArgumentNodes, offset: Int) {
        self.callee = callee
        self.arguments = arguments
        self.offset = offset
    }

    func evaluate(_ frame: Frame) throws -> JinjaValue { try call(try callee.evaluate(frame), frame) }

    fileprivate func call(_ value: JinjaValue, _ frame: Frame) throws -> JinjaValue {
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

/// `x.name(…)`, where methods need no object of their own between the attribute and the call.
final class MethodCallNode: ExpressionNode {
    private let method: AttributeNode
    private let arguments: ArgumentNodes
    private let hasNoArguments: Bool
    /// For attributes that are not methods of the value's kind.
    private let otherwise: CallNode
    private let offset: Int

    init(_ method: AttributeNode, _ arguments: ArgumentNodes, offset: Int) {
        self.method = method
        self.arguments = arguments
        hasNoArguments = arguments.isEmpty
        otherwise = CallNode(method, arguments, offset: offset)
        self.offset = offset
    }

    func evaluate(_ frame: Frame) throws -> JinjaValue {
        let owner = try method.subject.evaluate(frame)
        guard let definition = method.methods.definition(for: owner) else {
            return try otherwise.call(try method.evaluate(of: owner, frame), frame)
        }
        // Not a closure, into which the owner would have to be copied.
        do {
            if hasNoArguments { return try definition.call(consume owner, frame) }
            return try definition.call(consume owner, try arguments.evaluate(frame), frame)
        } catch {
            throw frame.placed(error, offset)
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
    private let hasNoArguments: Bool
    /// The arguments in their places, where those are known already.
    private let placed: PlacedArguments?
    private let offset: Int

    init(_ subject: any ExpressionNode, _ function: FunctionDefinition, _ arguments: ArgumentNodes, offset: Int) {
        self.subject = subject
        self.function = function
        self.arguments = arguments
        hasNoArguments = arguments.isEmpty
        placed = PlacedArguments(arguments, function.signature)
        self.offset = offset
    }

    func evaluate(_ frame: Frame) throws -> JinjaValue {
        let value = try subject.evaluate(frame)
        // Not a closure, into which the value would have to be copied.
        do {
            if hasNoArguments { return try function.call(consume value, frame) }
            if let placed { return try function.call(consume value, placed, frame) }
            return try function.call(consume value, try arguments.evaluate(frame), frame)
        } catch {
            throw frame.placed(error, offset)
        }
    }
}

/// A filter or test that does not exist, in a branch that may never run; an error when it does.
final class UnknownFunctionNode: ExpressionNode {
    private let diagnostic: Diagnostic
    init(_ diagnostic: Diagnostic) { self.diagnostic = diagnostic }
    func evaluate(_ frame: Frame) throws -> JinjaValue { throw diagnostic }
}
