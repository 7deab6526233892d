import OpsCore

/// The arguments of a call, compiled.
struct ArgumentNodes: Sendable {
    var positional: [any ExpressionNode] = []
    var keyword: [(name: String, value: any ExpressionNode)] = []
    var star: (any ExpressionNode)?
    var doubleStar: (any ExpressionNode)?

    var isEmpty: Bool { positional.isEmpty && keyword.isEmpty && star == nil && doubleStar == nil }

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

/// Arguments whose places among a function's parameters are known before the template runs.
struct PlacedArguments: Sendable {
    /// In the order in which they are written, and evaluated.
    private let arguments: [(parameter: Int, value: any ExpressionNode)]

    /// nil if the places depend on values (`*x`, `**x`), if some are left over for `*rest` or `**options`, or
    /// if they do not fit, which is an error only when the call runs.
    init?(_ nodes: ArgumentNodes, _ signature: Signature) {
        let names = signature.parameters
        guard nodes.star == nil, nodes.doubleStar == nil, nodes.positional.count <= names.count else { return nil }
        var arguments = nodes.positional.enumerated().map { (parameter: $0.offset, value: $0.element) }
        for (name, value) in nodes.keyword {
            guard signature.takesNames, let parameter = names.firstIndex(of: name) else { return nil }
            arguments.append((parameter, value))
        }
        let given = Set(arguments.map(\.parameter))
        guard given.count == arguments.count, given.isSuperset(of: 0..<signature.required) else { return nil }
        self.arguments = arguments
    }

    /// The arguments, and the first that is undefined.
    func evaluate(_ frame: Frame) throws -> (bound: BoundArguments, undefined: UndefinedValue?) {
        var bound = BoundArguments()
        var firstUndefined: UndefinedValue?
        for (parameter, node) in arguments {
            let value = try node.evaluate(frame)
            if case .undefined(let undefined) = value, firstUndefined == nil { firstUndefined = undefined }
            bound[parameter] = value
        }
        return (bound, firstUndefined)
    }
}
