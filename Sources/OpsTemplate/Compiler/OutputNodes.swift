import OpsCore

/// A piece of the template's own text, as text and as that text's UTF-8.
struct ConstantText: Sendable {
    let text: String
    let bytes: [UInt8]

    init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }
}

final class TextNode: StatementNode {
    let constant: ConstantText
    /// Whether it stands at the top level of a template that extends another, where output is dropped.
    private let isGuarded: Bool

    init(_ text: String, isGuarded: Bool) {
        constant = ConstantText(text)
        self.isGuarded = isGuarded
    }

    func run(_ frame: Frame, _ output: inout Output) throws -> Flow {
        if isGuarded, frame.parentTemplate != nil { return .normal }
        try output.append(constant)
        return .normal
    }
}

/// `{{ expression }}`, with the text before it.
final class OutputNode: StatementNode {
    private let before: ConstantText
    private let expression: any ExpressionNode
    private let isGuarded: Bool
    private let offset: Int

    init(_ expression: any ExpressionNode, after before: ConstantText?, isGuarded: Bool, offset: Int) {
        self.before = before ?? ConstantText("")
        self.expression = expression
        self.isGuarded = isGuarded
        self.offset = offset
    }

    func run(_ frame: Frame, _ output: inout Output) throws -> Flow {
        if isGuarded, frame.parentTemplate != nil { return .normal }
        if !before.bytes.isEmpty { try output.append(before) }
        try frame.located(offset) { try output.append(try expression.evaluate(frame), frame) }
        return .normal
    }
}

final class IfNode: StatementNode {
    private let test: any ExpressionNode
    private let body: Body
    private let alternatives: [(test: any ExpressionNode, body: Body)]
    private let otherwise: Body

    init(
        _ test: any ExpressionNode, _ body: Body, alternatives: [(test: any ExpressionNode, body: Body)],
        otherwise: Body
    ) {
        self.test = test
        self.body = body
        self.alternatives = alternatives
        self.otherwise = otherwise
    }

    func run(_ frame: Frame, _ output: inout Output) throws -> Flow {
        if try test.evaluate(frame).isTrue() { return try body.run(frame, &output) }
        for (test, body) in alternatives where try test.evaluate(frame).isTrue() { return try body.run(frame, &output) }
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
    private let body: Body

    init(_ value: any ExpressionNode, body: Body) {
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
    let body: Body
    /// The variables of the body's own scope.
    let slots: Range<Int>

    func value(_ frame: Frame) throws -> JinjaValue {
        frame.clear(slots)
        var output = Output(frame.state, keepsTypes: frame.state.isAnsible)
        _ = try body.run(frame, &output)
        return try output.value(frame)
    }
}
