import OpsCore

extension FunctionTable {
    static let escapingFilters: [FunctionDefinition] = [
        FunctionDefinition("escape") { call in try escaped(call) },
        FunctionDefinition("e") { call in try escaped(call) },
        FunctionDefinition("forceescape") { call in .markup(HTML.escape(try call.subjectPrinted())) },
        FunctionDefinition("safe") { call in .markup(try call.subjectPrinted()) },
        FunctionDefinition("striptags") { call in .string(HTML.stripTags(try call.subjectPrinted())) },
        FunctionDefinition("urlencode") { call in .string(try urlEncoded(call)) },
        FunctionDefinition("xmlattr", "autospace?") { call in
            guard case .map(let map) = call.subject else {
                throw call.fail("needs a mapping, not \(call.subject.kindName)")
            }
            var attributes: [String] = []
            for (key, value) in try map.items() where !value.isNull && !value.isUndefined {
                guard let name = key.value.text else { throw call.fail("a name must be a string, not \(key.value.kindName)") }
                if name.unicodeScalars.contains(where: { PythonText.isSpace($0) || ["/", ">", "="].contains($0) }) {
                    throw call.fail("invalid character in the attribute name")
                }
                attributes.append("\(HTML.escape(name))=\"\(try escapedText(value))\"")
            }
            let joined =
                (try call.bool(0, default: true) && !attributes.isEmpty ? " " : "") + attributes.joined(separator: " ")
            return call.frame.autoescape ? .markup(joined) : .string(joined)
        },
        FunctionDefinition("tojson", "indent?") { call in
            var writer = JSONWriter(
                indent: call.given(0)?.integer.map { String(repeating: " ", count: max(0, min($0, 100))) },
                order: .values)
            try writer.write(call.subject)
            var text = writer.text
            for (character, code) in [("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("'", "\\u0027")] {
                text = text.replacingText(character, with: code)
            }
            return .markup(text)
        },
    ]

    private static func escaped(_ call: Call) throws -> JinjaValue { .markup(try escapedText(call.subject)) }

    static func escapedText(_ value: JinjaValue) throws -> String {
        if case .markup(let text) = value { return text }
        return HTML.escape(try value.printed())
    }

    private static func urlEncoded(_ call: Call) throws -> String {
        if call.subject.text != nil { return URLText.quote(try call.subjectText(), safe: "/") }
        let pairs: [(JinjaValue, JinjaValue)]
        switch call.subject {
        case .map(let map): pairs = try map.items().map { ($0.key.value, $0.value) }
        case .list, .tuple, .range: pairs = try call.subjectItems().map { try call.frame.pair($0) }.map { ($0.0.value, $0.1) }
        default: return URLText.quote(try call.subjectPrinted(), safe: "/")
        }
        return try pairs.map { key, value in
            URLText.quotePlus(try key.printed()) + "=" + URLText.quotePlus(try value.printed())
        }.joined(separator: "&")
    }
}
