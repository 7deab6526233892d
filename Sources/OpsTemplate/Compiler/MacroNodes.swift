import OpsCore

/// A compiled macro or call block.
final class MacroCode: Sendable {
    let name: String
    let parameters: [(name: String, slot: Int, defaultValue: (any ExpressionNode)?)]
    let body: Body
    let slotCount: Int
    let callerSlot: Int?
    let varargsSlot: Int?
    let kwargsSlot: Int?

    init(
        name: String, parameters: [(name: String, slot: Int, defaultValue: (any ExpressionNode)?)],
        body: Body, slotCount: Int, callerSlot: Int?, varargsSlot: Int?, kwargsSlot: Int?
    ) {
        self.name = name
        self.parameters = parameters
        self.body = body
        self.slotCount = slotCount
        self.callerSlot = callerSlot
        self.varargsSlot = varargsSlot
        self.kwargsSlot = kwargsSlot
    }
}

/// A macro with the frame it was defined in.
final class MacroObject {
    let code: MacroCode
    private let definedIn: Frame

    init(_ code: MacroCode, definedIn frame: Frame) {
        self.code = code
        definedIn = frame
    }

    static func value(_ code: MacroCode, definedIn frame: Frame) -> JinjaValue {
        let macro = MacroObject(code, definedIn: frame)
        return .callable(Callable(code.name, typeName: "Macro", macro: macro) { try macro.call($0, $1) })
    }

    func attribute(_ name: String) -> JinjaValue? {
        switch name {
        case "name": .string(code.name)
        case "arguments": .tuple(code.parameters.map { .string($0.name) })
        case "catch_kwargs": .bool(code.kwargsSlot != nil)
        case "catch_varargs": .bool(code.varargsSlot != nil)
        case "caller": .bool(code.callerSlot != nil)
        default: nil
        }
    }

    func call(_ arguments: Arguments, _ caller: Frame) throws -> JinjaValue {
        let frame = Frame(
            definedIn.instance, slots: code.slotCount, parent: definedIn, autoescape: definedIn.autoescape)
        try bind(arguments, frame)
        return try frame.state.called(frame.instance.template.height) {
            var output = Output(frame.state, keepsTypes: frame.state.isAnsible)
            _ = try code.body.run(frame, &output)
            return try output.value(frame)
        }
    }

    private func bind(_ arguments: Arguments, _ frame: Frame) throws {
        var keyword = KeywordArguments(arguments.keyword)
        func take(_ name: String) -> JinjaValue? { keyword.take(name) }
        if let slot = code.callerSlot, !code.parameters.contains(where: { $0.slot == slot }) {
            frame[slot] = take("caller") ?? undefined("caller", "no caller defined", frame)
        }
        for (index, parameter) in code.parameters.enumerated() {
            if index < arguments.positional.count {
                if take(parameter.name) != nil { throw fail("is given the argument '\(parameter.name)' twice") }
                frame[parameter.slot] = arguments.positional[index]
            } else if let value = take(parameter.name) {
                frame[parameter.slot] = value
            } else if let defaultValue = parameter.defaultValue {
                frame[parameter.slot] = try defaultValue.evaluate(frame)
            } else {
                frame[parameter.slot] = undefined(
                    parameter.name, "parameter '\(parameter.name)' was not provided", frame)
            }
        }
        try bindRest(Array(arguments.positional.dropFirst(code.parameters.count)), keyword.rest, frame)
    }

    private func bindRest(_ rest: [JinjaValue], _ keyword: [(name: String, value: JinjaValue)], _ frame: Frame) throws {
        if let slot = code.varargsSlot {
            frame[slot] = .tuple(rest)
        } else if !rest.isEmpty {
            throw fail("takes not more than \(code.parameters.count) arguments")
        }
        if let slot = code.kwargsSlot {
            frame[slot] = .map(MapObject(keyword))
        } else if let first = keyword.first {
            throw fail(
                "has no parameter '\(first.name)'",
                hints: NearestName.hints(for: first.name, in: code.parameters.map(\.name)))
        }
    }

    private func fail(_ message: String, hints: [String] = []) -> Diagnostic {
        Diagnostic(code: "template-arguments", "macro '\(code.name)' \(message)", hints: hints)
    }

    private func undefined(_ name: String, _ message: String, _ frame: Frame) -> JinjaValue {
        let macro = code.name
        return .undefined(
            UndefinedValue(name: name) { Diagnostic(code: "template-undefined", "\(message) (macro '\(macro)')") })
    }
}

/// Keyword arguments that parameters take one after the other.
private struct KeywordArguments {
    private let all: [(name: String, value: JinjaValue)]
    private var taken: Set<Int> = []
    /// The positions of names; made only if there are many.
    private let positions: [String: Int]?

    init(_ all: [(name: String, value: JinjaValue)]) {
        self.all = all
        positions = all.count < 16
            ? nil : Dictionary(all.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { first, _ in first })
    }

    mutating func take(_ name: String) -> JinjaValue? {
        if all.isEmpty { return nil }
        let position = if let positions { positions[name] } else { all.firstIndex { $0.name == name } }
        guard let position, taken.insert(position).inserted else { return nil }
        return all[position].value
    }

    /// Those that nothing has taken.
    var rest: [(name: String, value: JinjaValue)] {
        taken.isEmpty ? all : all.enumerated().filter { !taken.contains($0.offset) }.map(\.element)
    }
}

final class MacroNode: StatementNode {
    private let code: MacroCode
    private let target: Target

    init(_ code: MacroCode, target: Target) {
        self.code = code
        self.target = target
    }

    func run(_ frame: Frame, _ output: inout Output) throws -> Flow {
        frame.state.retain(frame)
        try target.bind(MacroObject.value(code, definedIn: frame), frame)
        return .normal
    }
}

/// `{% call f(…) %}…{% endcall %}`: calls `f` with the body as `caller`.
final class CallBlockNode: StatementNode {
    private let code: MacroCode
    private let callee: any ExpressionNode
    private let arguments: ArgumentNodes
    private let offset: Int

    init(_ code: MacroCode, _ callee: any ExpressionNode, _ arguments: ArgumentNodes, offset: Int) {
        self.code = code
        self.callee = callee
        self.arguments = arguments
        self.offset = offset
    }

    func run(_ frame: Frame, _ output: inout Output) throws -> Flow {
        frame.state.retain(frame)
        let value = try callee.evaluate(frame)
        try frame.located(offset) {
            var arguments = try arguments.evaluate(frame)
            arguments.keyword.append(("caller", MacroObject.value(code, definedIn: frame)))
            switch value {
            case .callable(let callable): try output.append(try callable.call(arguments, frame), frame)
            case .undefined(let undefined): throw undefined.diagnostic
            default: throw Diagnostic(code: "template-type", "\(value.kindName) cannot be called")
            }
        }
        return .normal
    }
}
