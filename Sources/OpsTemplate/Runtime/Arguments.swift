import OpsCore

/// The arguments of a call, evaluated.
struct Arguments {
    var positional: [JinjaValue] = []
    var keyword: [(name: String, value: JinjaValue)] = []

    /// The first argument that is undefined, itself and not in a container.
    var firstUndefined: UndefinedValue? {
        for value in positional { if case .undefined(let undefined) = value { return undefined } }
        for (_, value) in keyword { if case .undefined(let undefined) = value { return undefined } }
        return nil
    }
}

/// The parameters of a filter, test, function or method, as in `"old new count? *rest **options"`:
/// a `?` marks optional ones, `*rest` and `**options` take what is left over.
struct Signature: Sendable {
    let parameters: [String]
    let required: Int
    let takesRest: Bool
    let takesOptions: Bool

    init(_ text: String) {
        let words = text.split(separator: " ")
        let named = words.filter { !$0.hasPrefix("*") }
        parameters = named.map { String($0.hasSuffix("?") ? $0.dropLast() : $0) }
        required = named.filter { !$0.hasSuffix("?") }.count
        takesRest = words.contains { $0.hasPrefix("*") && !$0.hasPrefix("**") }
        takesOptions = words.contains { $0.hasPrefix("**") }
    }

    /// Arguments in the order of the parameters; nil for those not given.
    func bind(_ arguments: Arguments, of function: String) throws -> BoundArguments {
        var bound = BoundArguments(values: Array(repeating: nil, count: parameters.count))
        for (index, value) in arguments.positional.enumerated() {
            if index < parameters.count {
                bound.values[index] = value
            } else if takesRest {
                bound.rest.append(value)
            } else {
                throw Signature.fail(
                    "'\(function)' takes at most \(parameters.count) arguments, \(arguments.positional.count) are given")
            }
        }
        for (name, value) in arguments.keyword {
            if let index = parameters.firstIndex(of: name) {
                if bound.values[index] != nil { throw Signature.fail("'\(function)' is given the argument '\(name)' twice") }
                bound.values[index] = value
            } else if takesOptions {
                bound.options.append((name, value))
            } else {
                throw Signature.fail(
                    "'\(function)' has no argument '\(name)'", hints: NearestName.hints(for: name, in: parameters))
            }
        }
        for index in 0..<required where bound.values[index] == nil {
            throw Signature.fail("'\(function)' needs the argument '\(parameters[index])'")
        }
        return bound
    }

    private static func fail(_ message: String, hints: [String] = []) -> Diagnostic {
        Diagnostic(code: "template-arguments", message, hints: hints)
    }
}

struct BoundArguments {
    var values: [JinjaValue?]
    var rest: [JinjaValue] = []
    var options: [(name: String, value: JinjaValue)] = []
}

/// One call of a filter, test, function or method, with its arguments in their places.
struct Call {
    /// What the filter or test is applied to, or the method's owner; null for functions.
    let subject: JinjaValue
    let bound: BoundArguments
    let frame: Frame
    let name: String

    subscript(index: Int) -> JinjaValue? { bound.values[index] }

    /// The argument unless it is missing or none.
    func given(_ index: Int) -> JinjaValue? {
        guard let value = bound.values[index], !value.isNull else { return nil }
        return value
    }

    var rest: [JinjaValue] { bound.rest }

    func option(_ name: String) -> JinjaValue? { bound.options.first { $0.name == name }?.value }

    func fail(_ message: String, hints: [String] = []) -> Diagnostic {
        Diagnostic(code: "template-value", "'\(name)': \(message)", hints: hints)
    }

    /// A required argument.
    func argument(_ index: Int) throws -> JinjaValue {
        guard let value = bound.values[index] else { throw fail("argument \(index + 1) is missing") }
        return value
    }

    func string(_ index: Int, default: String? = nil) throws -> String {
        guard let value = bound.values[index] else {
            guard let text = `default` else { throw fail("argument \(index + 1) is missing") }
            return text
        }
        guard let text = value.text else { throw fail("argument \(index + 1) must be a string, not \(value.kindName)") }
        return text
    }

    func int(_ index: Int, default: Int? = nil) throws -> Int {
        guard let value = bound.values[index] else {
            guard let number = `default` else { throw fail("argument \(index + 1) is missing") }
            return number
        }
        guard let number = value.integer else { throw fail("argument \(index + 1) must be an integer, not \(value.kindName)") }
        return number
    }

    func bool(_ index: Int, default: Bool = false) throws -> Bool { try bound.values[index]?.isTrue() ?? `default` }

    /// The subject's text; other kinds are an error.
    func subjectText() throws -> String {
        guard let text = subject.text else { throw fail("needs a string, not \(subject.kindName)") }
        return text
    }

    /// The subject as `str()` prints it.
    func subjectPrinted() throws -> String { try subject.printed() }

    func subjectItems() throws -> [JinjaValue] { try frame.iterate(subject) }
}

/// A filter, test, global function or method.
struct FunctionDefinition: Sendable {
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

    func call(_ subject: JinjaValue, _ arguments: Arguments, _ frame: Frame) throws -> JinjaValue {
        if !acceptsUndefined {
            if case .undefined(let undefined) = subject { return try passOn(undefined, frame) }
            if let undefined = arguments.firstUndefined { return try passOn(undefined, frame) }
        }
        let bound = try signature.bind(arguments, of: name)
        return try frame.tracking { try body(Call(subject: subject, bound: bound, frame: frame, name: name)) }
    }

    private func passOn(_ undefined: UndefinedValue, _ frame: Frame) throws -> JinjaValue {
        guard frame.environment.dialect == .ansible else { throw undefined.diagnostic }
        return .undefined(undefined)
    }
}
