import OpsCore

/// A filter, test, global function or method.
final class FunctionDefinition: Sendable {
    let name: String
    let signature: Signature
    /// Whether undefined values reach the function; otherwise they are passed on as the result.
    let acceptsUndefined: Bool
    let body: @Sendable (Call) throws -> JinjaValue

    init(
        _ name: String, _ signature: String = "", acceptsUndefined: Bool = false,
        body: @escaping @Sendable (Call) throws -> JinjaValue
    ) {
        self.name = name
        self.signature = Signature(signature)
        self.acceptsUndefined = acceptsUndefined
        self.body = body
    }

    init(_ other: FunctionDefinition, named name: String) {
        self.name = name
        signature = other.signature
        acceptsUndefined = other.acceptsUndefined
        body = other.body
    }

    func call(_ subject: consuming JinjaValue, _ arguments: Arguments, _ frame: Frame) throws -> JinjaValue {
        if !acceptsUndefined {
            if case .undefined(let undefined) = subject { return try passOn(undefined, frame) }
            if let undefined = arguments.firstUndefined { return try passOn(undefined, frame) }
        }
        return try run(subject, try signature.bind(arguments, of: name), frame)
    }

    /// Calls without arguments.
    func call(_ subject: consuming JinjaValue, _ frame: Frame) throws -> JinjaValue {
        guard signature.required == 0 else { return try call(subject, Arguments(), frame) }
        if !acceptsUndefined, case .undefined(let undefined) = subject { return try passOn(undefined, frame) }
        return try run(subject, BoundArguments(), frame)
    }

    /// Calls with arguments that stand in their places already.
    func call(_ subject: consuming JinjaValue, _ arguments: PlacedArguments, _ frame: Frame) throws -> JinjaValue {
        let (bound, undefined) = try arguments.evaluate(frame)
        if !acceptsUndefined {
            if case .undefined(let undefined) = subject { return try passOn(undefined, frame) }
            if let undefined { return try passOn(undefined, frame) }
        }
        return try run(subject, bound, frame)
    }

    @inline(__always)
    private func run(_ subject: consuming JinjaValue, _ bound: consuming BoundArguments, _ frame: Frame) throws -> JinjaValue {
        if case .secretNumber(let number) = subject { return try run(revealing: number, bound, frame) }
        let call = Call(subject: subject, bound: bound, frame: frame, name: name)
        let result = try frame.tracking { try body(call) }
        try frame.state.walks.check()
        return result
    }

    @inline(never)
    private func run(revealing number: SecretNumber, _ bound: BoundArguments, _ frame: Frame) throws -> JinjaValue {
        try frame.tracking {
            try body(Call(subject: number.revealed, bound: bound, frame: frame, name: name))
        }
    }

    private func passOn(_ undefined: UndefinedValue, _ frame: Frame) throws -> JinjaValue {
        guard frame.state.isAnsible else { throw undefined.diagnostic }
        return .undefined(undefined)
    }
}
