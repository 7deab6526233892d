import OpsCore

final class TextNode: StatementNode {
    private let text: String
    /// Whether it stands at the top level of a template that extends another, where output is dropped.
    private let isGuarded: Bool

    init(_ text: String, isGuarded: Bool) {
        self.text = text
        self.isGuarded = isGuarded
    }

    func run(_ frame: Frame, _ output: inout Output) throws -> Flow {
        if isGuarded, frame.parentTemplate != nil { return .normal }
        try output.append(text)
        return .normal
    }
}

final class OutputNode: StatementNode {
    private let expression: any ExpressionNode
    private let isGuarded: Bool
    private let offset: Int

    init(_ expression: any ExpressionNode, isGuarded: Bool, offset: Int) {
        self.expression = expression
        self.isGuarded = isGuarded
        self.offset = offset
    }

    func run(_ frame: Frame, _ output: inout Output) throws -> Flow {
        if isGuarded, frame.parentTemplate != nil { return .normal }
        try frame.located(offset) { try output.append(try expression.evaluate(frame), frame) }
        return .normal
    }
}

final class IfNode: StatementNode {
    private let branches: [(test: any ExpressionNode, body: [any StatementNode])]
    private let otherwise: [any StatementNode]

    init(_ branches: [(test: any ExpressionNode, body: [any StatementNode])], otherwise: [any StatementNode]) {
        self.branches = branches
        self.otherwise = otherwise
    }

    func run(_ frame: Frame, _ output: inout Output) throws -> Flow {
        for (test, body) in branches where try test.evaluate(frame).isTrue() { return try body.run(frame, &output) }
        return try otherwise.run(frame, &output)
    }
}

final class DoNode: StatementNode {
    let expression: any ExpressionNode
    init(_ expression: any ExpressionNode) { self.expression = expression }

    func run(_ frame: Frame, _ output: inout Output) throws -> Flow {
        _ = try expression.evaluate(frame)
        return .normal
    }
}

/// `break` and `continue`.
final class FlowNode: StatementNode {
    private let flow: Flow
    init(_ flow: Flow) { self.flow = flow }
    func run(_ frame: Frame, _ output: inout Output) throws -> Flow { flow }
}

final class AutoescapeNode: StatementNode {
    private let value: any ExpressionNode
    private let body: [any StatementNode]

    init(_ value: any ExpressionNode, body: [any StatementNode]) {
        self.value = value
        self.body = body
    }

    func run(_ frame: Frame, _ output: inout Output) throws -> Flow {
        let before = frame.autoescape
        frame.autoescape = try value.evaluate(frame).isTrue()
        defer { frame.autoescape = before }
        return try body.run(frame, &output)
    }
}

/// What a part of the template outputs, as a value: for `set`, `filter` and `call` blocks.
struct CapturedBody: Sendable {
    let body: [any StatementNode]
    /// The variables of the body's own scope.
    let slots: Range<Int>

    func value(_ frame: Frame) throws -> JinjaValue {
        frame.clear(slots)
        var output = Output(frame.state, keepsTypes: frame.environment.dialect == .ansible)
        _ = try body.run(frame, &output)
        return try output.value(frame)
    }
}
