import OpsCore

final class NotNode: ExpressionNode {
    private let operand: any ExpressionNode
    init(_ operand: any ExpressionNode) { self.operand = operand }
    func evaluate(_ frame: Frame) throws -> JinjaValue { .bool(try !operand.evaluate(frame).isTrue()) }
}

final class AndNode: ExpressionNode {
    private let left: any ExpressionNode
    private let right: any ExpressionNode

    init(_ left: any ExpressionNode, _ right: any ExpressionNode) {
        self.left = left
        self.right = right
    }

    func evaluate(_ frame: Frame) throws -> JinjaValue {
        let value = try left.evaluate(frame)
        return try value.isTrue() ? right.evaluate(frame) : value
    }
}

final class OrNode: ExpressionNode {
    private let left: any ExpressionNode
    private let right: any ExpressionNode

    init(_ left: any ExpressionNode, _ right: any ExpressionNode) {
        self.left = left
        self.right = right
    }

    func evaluate(_ frame: Frame) throws -> JinjaValue {
        let value = try left.evaluate(frame)
        return try value.isTrue() ? value : right.evaluate(frame)
    }
}

final class ConditionalNode: ExpressionNode {
    private let test: any ExpressionNode
    private let then: any ExpressionNode
    private let otherwise: (any ExpressionNode)?
    private let offset: Int

    init(_ test: any ExpressionNode, _ then: any ExpressionNode, _ otherwise: (any ExpressionNode)?, offset: Int) {
        self.test = test
        self.then = then
        self.otherwise = otherwise
        self.offset = offset
    }

    func evaluate(_ frame: Frame) throws -> JinjaValue {
        if try test.evaluate(frame).isTrue() { return try then.evaluate(frame) }
        if let otherwise { return try otherwise.evaluate(frame) }
        let (source, offset) = (frame.instance.template.source, offset)
        return .undefined(UndefinedValue(name: "if", isSilent: true) {
            Diagnostic(
                    code: "template-undefined", "the condition of the inline 'if' is false and it has no 'else'",
                    at: source.location(at: offset),
                hints: ["add an 'else' with what it should give then"])
        })
    }
}

/// `-x` and `+x`.
final class SignNode: ExpressionNode {
    private let operand: any ExpressionNode
    private let isNegative: Bool
    private let offset: Int

    init(_ operand: any ExpressionNode, isNegative: Bool, offset: Int) {
        self.operand = operand
        self.isNegative = isNegative
        self.offset = offset
    }

    func evaluate(_ frame: Frame) throws -> JinjaValue {
        let value = try operand.evaluate(frame)
        return try frame.located(offset) {
            if case .secretNumber(let number) = value { return try frame.tracking { try signed(number.revealed) } }
            return try signed(value)
        }
    }

    private func signed(_ value: JinjaValue) throws -> JinjaValue {
        switch value {
        case .double(let number): return .double(isNegative ? -number : number)
        case .undefined(let undefined): throw undefined.diagnostic
        default:
            guard let number = value.integer else {
                throw Diagnostic(
                    code: "template-type", "'\(isNegative ? "-" : "+")' does not work on \(value.kindName)")
            }
            return isNegative ? try PythonNumber.checked((0).subtractingReportingOverflow(number)) : .int(number)
        }
    }
}

final class BinaryNode: ExpressionNode {
    private let binary: BinaryOperator
    private let left: any ExpressionNode
    private let right: any ExpressionNode
    private let offset: Int

    init(_ binary: BinaryOperator, _ left: any ExpressionNode, _ right: any ExpressionNode, offset: Int) {
        self.binary = binary
        self.left = left
        self.right = right
        self.offset = offset
    }

    func evaluate(_ frame: Frame) throws -> JinjaValue {
        let a = try left.evaluate(frame)
        let b = try right.evaluate(frame)
        return try frame.located(offset) { try Operators.apply(binary, a, b, frame) }
    }
}

/// `a ~ b ~ c`.
final class ConcatNode: ExpressionNode {
    private let parts: [any ExpressionNode]
    init(_ parts: [any ExpressionNode]) { self.parts = parts }

    func evaluate(_ frame: Frame) throws -> JinjaValue {
        let values = try parts.map { try $0.evaluate(frame) }
        return try frame.tracking {
            let isMarkup = frame.autoescape && values.contains { if case .markup = $0 { true } else { false } }
            var text = ""
            for value in values {
                let piece = try value.printed()
                if case .markup = value { text += piece } else { text += isMarkup ? HTML.escape(piece) : piece }
                try frame.state.checkSize(text.utf8.count)
            }
            return isMarkup ? .markup(text) : .string(text)
        }
    }
}

/// `a < b`, and chains such as `a < b < c`.
final class CompareNode: ExpressionNode {
    private let first: any ExpressionNode
    private let operands: [(comparison: ComparisonOperator, operand: any ExpressionNode)]
    private let offset: Int

    init(
        _ first: any ExpressionNode, _ operands: [(comparison: ComparisonOperator, operand: any ExpressionNode)],
        offset: Int
    ) {
        self.first = first
        self.operands = operands
        self.offset = offset
    }

    func evaluate(_ frame: Frame) throws -> JinjaValue {
        var left = try first.evaluate(frame)
        for (comparison, operand) in operands {
            let right = try operand.evaluate(frame)
            let holds = try frame.located(offset) { try JinjaValue.compare(comparison, left, right, frame) }
            if !holds { return .bool(false) }
            left = right
        }
        return .bool(true)
    }
}
