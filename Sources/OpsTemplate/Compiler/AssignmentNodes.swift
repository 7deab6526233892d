import OpsCore

/// Where a value is put.
indirect enum Target: Sendable {
    /// A local variable; with a name if it is set at the top level and so seen by blocks and importers.
    case slot(Int, exportedAs: String?)
    case tuple([Target])
    case attribute(namespace: any ExpressionNode, name: String)

    func bind(_ value: JinjaValue, _ frame: Frame) throws {
        switch self {
        case .slot(let slot, let exportedName):
            frame[slot] = value
            if let exportedName { frame.instance.context.export(exportedName, value) }
        case .tuple(let targets):
            let items = try frame.iterate(value)
            guard items.count == targets.count else {
                throw Diagnostic(
                    code: "template-value", "expected \(targets.count) values to unpack, found \(items.count)")
            }
            for (target, item) in zip(targets, items) { try target.bind(item, frame) }
        case .attribute(let namespace, let name):
            guard case .namespace(let map) = try namespace.evaluate(frame) else {
                throw Diagnostic(
                    code: "template-type", "attributes can only be set on a namespace",
                    hints: ["make one with {% set ns = namespace() %}"])
            }
            try map.modify { $0[MapKey(.string(name))] = value }
        }
    }
}

final class SetNode: StatementNode {
    private let target: Target
    private let value: any ExpressionNode
    private let offset: Int

    init(_ target: Target, _ value: any ExpressionNode, offset: Int) {
        self.target = target
        self.value = value
        self.offset = offset
    }

    func run(_ frame: Frame, _ output: inout Output) throws -> Flow {
        let value = try value.evaluate(frame)
        try frame.located(offset) { try target.bind(value, frame) }
        return .normal
    }
}

/// `{% set x %}…{% endset %}` and `{% filter f %}…{% endfilter %}`: a captured text, maybe filtered.
final class CaptureNode: StatementNode {
    private let captured: CapturedBody
    /// Where the captured text is put for the filter to find it.
    private let inputSlot: Int
    private let filter: (any ExpressionNode)?
    /// nil outputs the result.
    private let target: Target?
    private let offset: Int

    init(_ captured: CapturedBody, inputSlot: Int, filter: (any ExpressionNode)?, target: Target?, offset: Int) {
        self.captured = captured
        self.inputSlot = inputSlot
        self.filter = filter
        self.target = target
        self.offset = offset
    }

    func run(_ frame: Frame, _ output: inout Output) throws -> Flow {
        var value = try captured.value(frame)
        if let filter {
            frame[inputSlot] = value
            value = try filter.evaluate(frame)
            frame[inputSlot] = nil
        }
        return try frame.located(offset) {
            if let target { try target.bind(value, frame) } else { try output.append(value, frame) }
            return .normal
        }
    }
}

final class WithNode: StatementNode {
    private let bindings: [(target: Target, value: any ExpressionNode)]
    private let body: Body
    private let slots: Range<Int>

    init(_ bindings: [(target: Target, value: any ExpressionNode)], body: Body, slots: Range<Int>) {
        self.bindings = bindings
        self.body = body
        self.slots = slots
    }

    func run(_ frame: Frame, _ output: inout Output) throws -> Flow {
        let values = try bindings.map { try $0.value.evaluate(frame) }
        frame.clear(slots)
        for (binding, value) in zip(bindings, values) { try binding.target.bind(value, frame) }
        return try body.run(frame, &output)
    }
}
