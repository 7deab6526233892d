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

/// Compiled statements, to be run one after the other.
///
/// A tree of pairs and not an array, as constants of a node run without their references being counted.
struct Body: Sendable {
    /// The only statement, or the root of the tree.
    let statement: any StatementNode
    let isEmpty: Bool

    init(_ statements: [any StatementNode]) {
        isEmpty = statements.isEmpty
        statement = Body.tree(statements[...])
    }

    private static func tree(_ statements: ArraySlice<any StatementNode>) -> any StatementNode {
        guard statements.count > 1 else { return statements.first ?? EmptyNode() }
        let middle = statements.startIndex + statements.count / 2
        return PairNode(tree(statements[..<middle]), tree(statements[middle...]))
    }

    @inline(__always)
    func run(_ frame: Frame, _ output: inout Output) throws -> Flow { try statement.run(frame, &output) }
}

private final class EmptyNode: StatementNode {
    func run(_ frame: Frame, _ output: inout Output) throws -> Flow { .normal }
}

private final class PairNode: StatementNode {
    private let first: any StatementNode
    private let second: any StatementNode

    init(_ first: any StatementNode, _ second: any StatementNode) {
        self.first = first
        self.second = second
    }

    func run(_ frame: Frame, _ output: inout Output) throws -> Flow {
        let flow = try first.run(frame, &output)
        return flow == .normal ? try second.run(frame, &output) : flow
    }
}
