import OpsCore

/// The `#jinja2: key:value, …` first line, with which a file sets its own syntax.
enum SyntaxOverride {
    static func apply(_ line: String, to syntax: TemplateSyntax, at location: SourceLocation) throws(Diagnostic)
        -> TemplateSyntax
    {
        var result = syntax
        let body = line.dropFirst(TemplateSyntax.overridePrefix.count)
        for pair in body.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = pair.split(separator: ":", maxSplits: 1).map { trim($0) }
            guard parts.count == 2 else { throw fail("'\(trim(pair))' is not 'setting:value'", location) }
            try set(parts[0], parts[1], &result, location)
        }
        let starts = Set([result.blockStart, result.variableStart, result.commentStart])
        if starts.count < 3 || starts.contains("") {
            throw fail("block, variable and comment start must be different", location)
        }
        return result
    }

    private static func trim(_ text: Substring) -> String {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    private static let names = [
        "block_start_string", "block_end_string", "variable_start_string", "variable_end_string",
        "comment_start_string",
        "comment_end_string", "trim_blocks", "lstrip_blocks", "newline_sequence", "keep_trailing_newline",
    ]

    private static func set(
        _ name: String, _ value: String, _ syntax: inout TemplateSyntax, _ location: SourceLocation
    ) throws(Diagnostic) {
        switch name {
        case "block_start_string": syntax.blockStart = try string(name, value, location)
        case "block_end_string": syntax.blockEnd = try string(name, value, location)
        case "variable_start_string": syntax.variableStart = try string(name, value, location)
        case "variable_end_string": syntax.variableEnd = try string(name, value, location)
        case "comment_start_string": syntax.commentStart = try string(name, value, location)
        case "comment_end_string": syntax.commentEnd = try string(name, value, location)
        case "newline_sequence": syntax.newlineSequence = try string(name, value, location)
        case "trim_blocks": syntax.trimBlocks = try bool(name, value, location)
        case "lstrip_blocks": syntax.lstripBlocks = try bool(name, value, location)
        case "keep_trailing_newline":
            if try bool(name, value, location) { syntax.trailingNewline = .kept }
        case "line_statement_prefix", "line_comment_prefix":
            throw fail("line statements are off, '\(name)' cannot be set", location, hints: ["write {% … %} and {# … #}"])
        default: throw fail("unknown setting '\(name)'", location, hints: NearestName.hints(for: name, in: names))
        }
    }

    private static func string(_ name: String, _ value: String, _ location: SourceLocation) throws(Diagnostic) -> String
    {
        guard value.count >= 2, let quote = value.first, quote == "'" || quote == "\"", value.last == quote,
            let text = PythonLiteral.unescape(String(value.dropFirst().dropLast())), !text.isEmpty
        else { throw fail("'\(name)' needs a quoted string, such as '[['", location) }
        return text
    }

    private static func bool(_ name: String, _ value: String, _ location: SourceLocation) throws(Diagnostic) -> Bool {
        switch value {
        case "True": return true
        case "False": return false
        default: throw fail("'\(name)' needs True or False", location)
        }
    }

    private static func fail(_ message: String, _ location: SourceLocation, hints: [String] = []) -> Diagnostic {
        Diagnostic(code: "template-syntax", "in the '#jinja2:' line: \(message)", at: location, hints: hints)
    }
}
