import OpsCore

extension FunctionTable {
    static let defaultFilter = FunctionDefinition("default", "default_value? boolean?", acceptsUndefined: true) {
        call in
        let fallback = call[0] ?? .string("")
        if call.subject.isUndefined { return fallback.asList }
        return (try call.bool(1) && !call.subject.isTrue() ? fallback : call.subject).asList
    }

    /// Filters on values of any kind.
    static let valueFilters: [FunctionDefinition] = [
        defaultFilter, alias("d", defaultFilter),
        FunctionDefinition("mandatory", "msg?", acceptsUndefined: true) { call in
            guard case .undefined(let undefined) = call.subject else { return call.subject.asList }
            let message = try call.given(0)?.printed() ?? "mandatory variable '\(undefined.name)' is not defined"
            throw Diagnostic(code: "template-undefined", message, hints: undefined.diagnostic.hints)
        },
        FunctionDefinition("ternary", "true_val false_val none_val?", acceptsUndefined: true) { call in
            if call.subject.isNull, let value = call.given(2) { return value.asList }
            return (try call.subject.isTrue() ? call.argument(0) : call.argument(1)).asList
        },
        FunctionDefinition("bool") { call in .bool(try truth(call.subject)) },
        FunctionDefinition("type_debug", acceptsUndefined: true) { call in .string(call.subject.typeName) },
        FunctionDefinition("to_json", "profile? **options") { call in
            try JSONWriter.text(call, indent: nil, sortKeys: false)
        },
        FunctionDefinition("to_nice_json", "indent? sort_keys? **options") { call in
            try JSONWriter.text(call, indent: call[0] ?? .int(4), sortKeys: call.bool(1, default: true))
        },
        FunctionDefinition("from_json") { call in try JSONReader.value(try call.subjectText()) },
        FunctionDefinition("quote") { call in
            if case .markup(let text) = call.subject { return .markup(ShellText.quote(text, mark: HTML.escape)) }
            return .string(call.subject.isNull ? "''" : ShellText.quote(try call.subjectPrinted()))
        },
        FunctionDefinition("split", "sep? maxsplit?") { call in
            .list(
                try call.split(try call.subjectText(), call.given(0), try call.int(1, default: -1)).map { .string($0) })
        },
    ]

    /// What Ansible takes for true; everything else is false.
    static func truth(_ value: JinjaValue) throws -> Bool {
        if let text = value.comparableText { return ["yes", "on", "true", "1"].contains(text.lowercased()) }
        return value.number == 1
    }
}
