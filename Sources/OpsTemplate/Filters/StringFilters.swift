import OpsCore

extension FunctionTable {
    /// A filter that makes text from the subject as `str()` shows it; of Markup it makes Markup.
    static func textFilter(
        _ name: String, _ signature: String = "", _ body: @escaping @Sendable (String, Call) throws -> String
    ) -> FunctionDefinition {
        FunctionDefinition(name, signature) { call in
            let result = try body(try call.subjectPrinted(), call)
            try call.frame.state.checkSize(result.utf8.count)
            if case .markup = call.subject { return .markup(result) }
            return .string(result)
        }
    }

    static let stringFilters: [FunctionDefinition] = [
        textFilter("upper") { text, _ in text.uppercased() },
        textFilter("lower") { text, _ in PythonText.lower(text) },
        textFilter("capitalize") { text, _ in PythonText.capitalize(text) },
        FunctionDefinition("title") { call in .string(titleCase(try call.subjectPrinted())) },
        textFilter("trim", "chars?") { text, call in
            PythonText.strip(text, call.given(0) == nil ? nil : Set(try call.string(0).unicodeScalars))
        },
        textFilter("center", "width?") { text, call in
            let width = call[0] == nil ? 80 : try call.width(0)
            let missing = max(0, width - text.scalarCount)
            let left = missing / 2 + (missing & width & 1)
            return String(repeating: " ", count: left) + text + String(repeating: " ", count: missing - left)
        },
        FunctionDefinition("replace", "old new count?") { call in
            let limit = call.given(2)?.integer ?? -1
            let (old, new) = (try call.argument(0).printed(), try call.argument(1).printed())
            guard call.frame.autoescape else {
                return .string(try call.replaced(call.subjectPrinted(), old, new, limit: limit))
            }
            func escaped(_ value: JinjaValue, _ text: String) -> String {
                if case .markup = value { text } else { HTML.escape(text) }
            }
            let text = escaped(call.subject, try call.subjectPrinted())
            return .markup(
                try call.replaced(
                    text, escaped(try call.argument(0), old), escaped(try call.argument(1), new), limit: limit))
        },
        textFilter("indent", "width? first? blank?") { _, call in try indent(try call.subjectText(), call) },
        FunctionDefinition("truncate", "length? killwords? end? leeway?") { call in try truncated(call) },
        FunctionDefinition("format", "*rest **options") { call in
            if !call.rest.isEmpty, !call.bound.options.isEmpty {
                throw call.fail("takes either positional or keyword arguments")
            }
            let values: JinjaValue =
                call.bound.options.isEmpty
                ? .tuple(call.rest) : .map(MapObject(call.bound.options.map { ($0.name, $0.value) }))
            if case .markup = call.subject { return try Operators.apply(.modulo, call.subject, values, call.frame) }
            return try Operators.apply(.modulo, .string(try call.subjectPrinted()), values, call.frame)
        },
        FunctionDefinition("string") { call in
            if case .markup = call.subject { return call.subject }
            return .string(try call.subjectPrinted())
        },
        FunctionDefinition("pprint") { call in .string(try call.subject.represented()) },
    ]

    /// Every word's first letter upper case, the rest lower; words end at white space and brackets.
    private static func titleCase(_ text: String) -> String {
        var result = ""
        var startsWord = true
        for scalar in text.unicodeScalars {
            let separates = PythonText.isSpace(scalar) || ["-", "(", "{", "[", "<"].contains(scalar)
            result += startsWord ? scalar.properties.uppercaseMapping : scalar.properties.lowercaseMapping
            startsWord = separates
        }
        return result
    }

    /// A list that is short enough is left as it is; a longer one can't be cut.
    private static func truncated(_ call: Call) throws -> JinjaValue {
        let (length, end) = (try call.int(0, default: 255), try call.string(2, default: "..."))
        let leeway = call.given(3)?.integer ?? 5
        guard length >= end.scalarCount, leeway >= 0 else {
            throw call.fail("the length must be at least that of '\(end)'")
        }
        if !call.subject.isText, try count(call) <= length + leeway { return call.subject.asList }
        let text = try call.subjectText()
        if text.scalarCount <= length + leeway { return call.subject.withText(text) }
        let kept = String(text.unicodeScalars.prefix(length - end.scalarCount))
        if try call.bool(1) { return call.subject.withText(kept + end) }
        let words = kept.splitText(" ")
        return call.subject.withText((words.count > 1 ? words.dropLast().joined(separator: " ") : kept) + end)
    }

    private static func indent(_ text: String, _ call: Call) throws -> String {
        let indentation: String
        if let text = call[0]?.text {
            indentation = text
        } else {
            indentation = String(repeating: " ", count: max(0, call[0] == nil ? 4 : try call.width(0)))
        }
        let (first, blank) = (try call.bool(1), try call.bool(2))
        let lines = PythonText.lines(text + "\n")
        try call.frame.state.checkSize(text.utf8.count + lines.count * indentation.utf8.count)
        var result = ""
        for (index, line) in lines.enumerated() {
            if index > 0 { result += "\n" }
            if index == 0 ? first : blank || !line.isEmpty { result += indentation }
            result += line
        }
        return result
    }
}
