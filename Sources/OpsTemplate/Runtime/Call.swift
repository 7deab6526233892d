import OpsCore

/// One call of a filter, test, function or method, with its arguments in their places.
struct Call {
    /// What the filter or test is applied to, or the method's owner; null for functions.
    let subject: JinjaValue
    let bound: BoundArguments
    let frame: Frame
    let name: String

    subscript(index: Int) -> JinjaValue? { bound[index] }

    /// The argument unless it is missing or none.
    func given(_ index: Int) -> JinjaValue? {
        guard let value = bound[index], !value.isNull else { return nil }
        return value
    }

    var rest: [JinjaValue] { bound.rest }

    func option(_ name: String) -> JinjaValue? { bound.options.first { $0.name == name }?.value }

    func fail(_ message: String, hints: [String] = []) -> Diagnostic {
        Diagnostic(code: "template-value", "'\(name)': \(message)", hints: hints)
    }

    /// A required argument.
    func argument(_ index: Int) throws -> JinjaValue {
        guard let value = bound[index] else { throw fail("argument \(index + 1) is missing") }
        return value
    }

    func string(_ index: Int, default: String? = nil) throws -> String {
        guard let value = bound[index] else {
            guard let text = `default` else { throw fail("argument \(index + 1) is missing") }
            return text
        }
        guard let text = value.text else { throw fail("argument \(index + 1) must be a string, not \(value.kindName)") }
        return text
    }

    func int(_ index: Int, default: Int? = nil) throws -> Int {
        guard let value = bound[index] else {
            guard let number = `default` else { throw fail("argument \(index + 1) is missing") }
            return number
        }
        guard let number = value.integer else {
            throw fail("argument \(index + 1) must be an integer, not \(value.kindName)")
        }
        return number
    }

    func bool(_ index: Int, default: Bool = false) throws -> Bool { try bound[index]?.isTrue() ?? `default` }

    /// The subject's text; other kinds are an error.
    func subjectText() throws -> String {
        guard let text = subject.text else { throw fail("needs a string, not \(subject.kindName)") }
        return text
    }

    /// The subject as `str()` prints it.
    func subjectPrinted() throws -> String { try subject.printed() }

    /// The text that a filter wrote of its subject, in which secrets stand as they are or quoted.
    func assembled(_ text: String) -> JinjaValue {
        if frame.tracker.wasRead, let noteAssembled = frame.environment.noteAssembled {
            if let value = try? subject.value() { frame.environment.noteSecret?(value) }
            noteAssembled(text)
        }
        return .string(text)
    }

    func subjectItems() throws -> [JinjaValue] { try frame.iterate(subject) }
}
