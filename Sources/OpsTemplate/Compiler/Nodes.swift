/// A compiled expression.
protocol ExpressionNode: AnyObject, Sendable {
    func evaluate(_ frame: Frame) throws -> JinjaValue
}

/// A compiled statement.
protocol StatementNode: AnyObject, Sendable {
    func run(_ frame: Frame, _ output: inout Output) throws -> Flow
}

/// How a statement ended.
enum Flow {
    case normal, breaks, continues
}

extension [any StatementNode] {
    @inline(__always)
    func run(_ frame: Frame, _ output: inout Output) throws -> Flow {
        for statement in self {
            let flow = try statement.run(frame, &output)
            if flow != .normal { return flow }
        }
        return .normal
    }
}
