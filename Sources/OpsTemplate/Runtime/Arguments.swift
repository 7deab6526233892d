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
/// a `?` marks optional ones, `*rest` and `**options` take what is left over, and a `/` at the end says that none of
/// them may be given by name.
struct Signature: Sendable {
    let parameters: [String]
    let required: Int
    let takesRest: Bool
    let takesOptions: Bool
    let takesNames: Bool

    init(_ text: String) {
        let words = text.split(separator: " ")
        let named = words.filter { !$0.hasPrefix("*") && $0 != "/" }
        parameters = named.map { String($0.hasSuffix("?") ? $0.dropLast() : $0) }
        required = named.filter { !$0.hasSuffix("?") }.count
        takesRest = words.contains { $0.hasPrefix("*") && !$0.hasPrefix("**") }
        takesOptions = words.contains { $0.hasPrefix("**") }
        takesNames = !words.contains("/")
    }

    /// Arguments in the order of the parameters; nil for those not given.
    func bind(_ arguments: Arguments, of function: String) throws -> BoundArguments {
        var bound = BoundArguments()
        var rest: [JinjaValue] = []
        var options: [(name: String, value: JinjaValue)] = []
        for (index, value) in arguments.positional.enumerated() {
            if index < parameters.count {
                bound[index] = value
            } else if takesRest {
                rest.append(value)
            } else {
                throw Signature.fail(
                    "'\(function)' takes at most \(parameters.count) arguments, \(arguments.positional.count) are given"
                )
            }
        }
        for (name, value) in arguments.keyword {
            if takesNames, let index = parameters.firstIndex(of: name) {
                if bound[index] != nil { throw Signature.fail("'\(function)' is given the argument '\(name)' twice") }
                bound[index] = value
            } else if takesOptions {
                options.append((name, value))
            } else {
                if !takesNames { throw Signature.fail("'\(function)' takes no arguments by name") }
                throw Signature.fail(
                    "'\(function)' has no argument '\(name)'", hints: NearestName.hints(for: name, in: parameters))
            }
        }
        for index in 0..<required where bound[index] == nil {
            throw Signature.fail("'\(function)' needs the argument '\(parameters[index])'")
        }
        bound.rest = rest
        bound.options = options
        return bound
    }

    private static func fail(_ message: String, hints: [String] = []) -> Diagnostic {
        Diagnostic(code: "template-arguments", message, hints: hints)
    }
}

/// Arguments in the places of their parameters.
struct BoundArguments {
    /// The first two, more than which few functions take; the others need memory of their own.
    private var first: JinjaValue?
    private var second: JinjaValue?
    private var others: Others?

    private final class Others {
        var values: [Int: JinjaValue] = [:]
        var rest: [JinjaValue] = []
        var options: [(name: String, value: JinjaValue)] = []
    }

    init() {}

    init(rest: [JinjaValue], options: [(name: String, value: JinjaValue)]) {
        self.rest = rest
        self.options = options
    }

    /// The argument of a parameter; nil if it is not given.
    subscript(index: Int) -> JinjaValue? {
        get {
            switch index {
            case 0: first
            case 1: second
            default: others?.values[index]
            }
        }
        set {
            switch index {
            case 0: first = newValue
            case 1: second = newValue
            default: more.values[index] = newValue
            }
        }
    }

    /// What is left over for `*rest`.
    var rest: [JinjaValue] {
        get { others?.rest ?? [] }
        set { if others != nil || !newValue.isEmpty { more.rest = newValue } }
    }

    /// What is left over for `**options`.
    var options: [(name: String, value: JinjaValue)] {
        get { others?.options ?? [] }
        set { if others != nil || !newValue.isEmpty { more.options = newValue } }
    }

    private var more: Others {
        mutating get {
            let known = others ?? Others()
            others = known
            return known
        }
    }
}
