import OpsCore

extension FunctionTable {
    static let yamlFilters: [FunctionDefinition] = [
        FunctionDefinition("to_yaml", "*rest **options") { call in
            call.assembled(try YAMLWriter.text(call.subject, try options(call, YAMLEmitter.Options())))
        },
        FunctionDefinition("to_nice_yaml", "indent? *rest **options") { call in
            var base = YAMLEmitter.Options()
            base.indent = YAMLEmitter.Options.indentation(try call.int(0, default: 4))
            base.flowStyle = false
            return call.assembled(try YAMLWriter.text(call.subject, try options(call, base)))
        },
        FunctionDefinition("from_yaml") { call in
            if call.subject.isNull { return .null }
            let documents = try documents(call)
            guard documents.count < 2 else { throw call.fail("the text holds \(documents.count) documents", hints: ["use from_yaml_all"]) }
            return documents.first ?? .null
        },
        FunctionDefinition("from_yaml_all") { call in
            if call.subject.isNull { return .list([]) }
            return .list(try documents(call))
        },
    ]

    private static func documents(_ call: Call) throws -> [JinjaValue] {
        guard call.subject.isText else { return [call.subject] }
        guard let decode = call.frame.environment.decodeYAML else { throw call.fail("YAML cannot be read here") }
        return try decode(try call.subjectText()).map { JinjaValue($0, tracker: call.frame.tracker) }
    }

    private static func options(_ call: Call, _ base: YAMLEmitter.Options) throws -> YAMLEmitter.Options {
        var options = base
        for (name, value) in call.bound.options {
            switch name {
            case "indent": options.indent = YAMLEmitter.Options.indentation(value.integer ?? options.indent)
            case "width": options.width = value.number.map { $0 < 4 ? 80 : Int(min($0, 1e9)) } ?? options.width
            case "sort_keys": options.sortsKeys = try value.isTrue()
            case "default_flow_style": options.flowStyle = value.isNull ? nil : try value.isTrue()
            case "default_style": options.defaultStyle = value.text?.unicodeScalars.first
            case "explicit_start": options.explicitStart = try value.isTrue()
            case "explicit_end": options.explicitEnd = try value.isTrue()
            case "allow_unicode": options.allowsUnicode = try value.isTrue()
            case "canonical", "line_break", "version", "tags":
                if !value.isNull { throw call.fail("the option '\(name)' is not supported") }
            case "encoding", "vault_to_text": break
            default: throw call.fail("has no argument '\(name)'")
            }
        }
        return options
    }
}

extension YAMLEmitter.Options {
    /// libyaml indents by 2 to 9 columns, by 2 if asked for anything else.
    static func indentation(_ asked: Int) -> Int { (2...9).contains(asked) ? asked : 2 }
}
