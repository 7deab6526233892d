import OpsCore

extension FunctionTable {
    static let wordFilters: [FunctionDefinition] = [
        FunctionDefinition("wordcount") { call in
            .int(Self.words(try call.subjectPrinted()))
        },
        FunctionDefinition("wordwrap", "width? break_long_words? wrapstring? break_on_hyphens?") { call in
            let text = try call.subjectText()
            let width = try call.int(0, default: 79)
            let newline = call.given(2)?.text ?? "\n"
            guard width > 0 else { throw call.fail("the width must be positive") }
            let wrapper = TextWrapper(
                width: width, breaksLongWords: try call.bool(1, default: true),
                breaksOnHyphens: try call.bool(3, default: true))
            return .string(
                try call.joined(PythonText.lines(text).map { wrapper.wrap($0).joined(separator: newline) }, separator: newline))
        },
        FunctionDefinition("urlize", "trim_url_limit? nofollow? target? rel? extra_schemes?") { call in
            var options = Urlizer.Options()
            options.limit = call.given(0)?.integer
            options.target = call.given(2)?.text
            var relations = Set(PythonText.splitSpace(call.given(3)?.text ?? ""))
            if try call.bool(1) { relations.insert("nofollow") }
            relations.insert("noopener")
            options.relation = relations.sorted().joined(separator: " ")
            options.schemes = try call.given(4).map { try call.frame.iterate($0).compactMap(\.text) } ?? []
            if let scheme = options.schemes.first(where: { !Urlizer.isScheme($0) }) {
                throw call.fail("'\(scheme)' is not the beginning of a URL", hints: ["write it as 'ftp://'"])
            }
            let result = Urlizer(options).urlize(try escapedText(call.subject))
            return call.frame.autoescape ? .markup(result) : .string(result)
        },
    ]

    /// Runs of letters, digits and underscores.
    private static func words(_ text: String) -> Int {
        var count = 0
        var inWord = false
        for scalar in text.unicodeScalars {
            let isWord = scalar == "_" || PythonText.isLetter(scalar) || scalar.properties.numericType != nil
            if isWord, !inWord { count += 1 }
            inWord = isWord
        }
        return count
    }
}
