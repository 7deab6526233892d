import OpsCore

/// Recognises Go templates (Prometheus, Alertmanager, docker), which share Jinja's delimiters.
enum GoText {
    /// - Parameter first: the first word of the tag, which may be one of Jinja's statements in the wrong brackets.
    static func refusal(at location: SourceLocation, first: String? = nil) -> Diagnostic {
        let statement = first.flatMap { Parser.tags[$0] == nil ? nil : ["or write {% \($0) … %} for Jinja's own"] } ?? []
        return refusal(at: location, hints: statement)
    }

    private static func refusal(at location: SourceLocation, hints: [String]) -> Diagnostic {
        Diagnostic(
            code: "template-go-text", "this is a Go template expression, not a Jinja one", at: location,
            hints: [
                "put {% raw %} before and {% endraw %} after the text that Prometheus or Alertmanager reads",
                "or drop .j2 from the file's name: only .j2 files are rendered, others are copied as they are",
                "or choose other delimiters in the file's first line: #jinja2: variable_start_string:'[[', variable_end_string:']]'",
            ] + hints)
    }

    /// Go's words that begin an action.
    static let keywords: Set<String> = [
        "range", "if", "with", "end", "else", "define", "template", "block", "break", "continue",
    ]

    /// Functions of Go, Prometheus and Alertmanager that stand before their arguments.
    static let functions: Set<String> = [
        "and", "or", "not", "len", "index", "slice", "printf", "print", "println", "html", "js", "urlquery", "call", "eq", "ne",
        "lt", "le", "gt", "ge", "query", "first", "label", "value", "sortByLabel", "strvalue", "args", "humanize", "humanize1024",
        "humanizeDuration", "humanizePercentage", "humanizeTimestamp", "title", "toUpper", "toLower", "stripPort", "stripDomain",
        "match", "reReplaceAll", "graphLink", "tableLink", "parseDuration", "externalURL", "pathPrefix", "tmpl", "safeHtml",
        "safeUrl", "toTime", "toDuration", "toJson", "join", "stringSlice", "trimSpace", "date", "tz", "since", "json",
    ]
}

extension Lexer {
    /// Refuses what is Go's by its first characters: `$labels`, `.Group`, `/* a comment */`.
    func refuseGoTemplate(at start: Int) throws(Diagnostic) {
        var position = index
        while position < bytes.count, bytes[position] == 0x20 { position += 1 }
        guard position < bytes.count else { return }
        let next = position + 1 < bytes.count ? bytes[position + 1] : 0
        let isGo =
            switch bytes[position] {
            case UInt8(ascii: "$"): true
            case UInt8(ascii: "."): Lexer.isNameByte(next) || next == 0x20 || next == UInt8(ascii: "}")
            case UInt8(ascii: "/"): next == UInt8(ascii: "*")
            default: false
            }
        if isGo { throw GoText.refusal(at: source.location(at: start)) }
    }
}

extension Parser {
    /// Parses what `{{ }}` prints, the opening delimiter being the current token.
    mutating func parseOutput() throws(Diagnostic) -> StatementSyntax {
        let start = position
        do throws(Diagnostic) {
            let offset = advance().offset
            let value = try parseTuple()
            guard current.kind == .variableEnd else { throw unexpected("end of print statement") }
            let isSuspect = mayBeGo(from: start)
            advance()
            return .output(isSuspect ? .goSuspect(value, offset: offset) : value, offset: offset)
        } catch {
            guard isGo(from: start), case .name(let first) = tokens[start + 1].kind else { throw error }
            throw GoText.refusal(at: source.location(at: tokens[start].offset), first: first)
        }
    }

    /// Whether the tag, which is no valid expression, is one of Go's.
    private func isGo(from start: Int) -> Bool {
        guard case .name(let first) = tokens[start + 1].kind else { return false }
        if GoText.keywords.contains(first) { return true }
        if GoText.functions.contains(first), startsOperand(tokens[start + 2]) { return true }
        let rest = tokens[(start + 1)...].prefix { $0.kind != .variableEnd }
        return rest.indices.contains { isField($0) }
    }

    /// Whether the tag is an expression as well as an action of Go's, such as `end` and `range .Alerts`.
    private func mayBeGo(from start: Int) -> Bool {
        guard case .name(let first) = tokens[start + 1].kind else { return false }
        return position == start + 2 ? GoText.keywords.contains(first) : isField(start + 2)
    }

    private func startsOperand(_ token: Token) -> Bool {
        switch token.kind {
        case .name, .string, .integer, .float, .symbol(.dot): true
        default: false
        }
    }

    /// Whether a dot with white space before it, and none behind it, is at this position.
    private func isField(_ position: Int) -> Bool {
        guard tokens[position].kind == .symbol(.dot), position + 1 < tokens.count else { return false }
        let offset = tokens[position].offset
        return Lexer.isSpace(source.bytes[offset - 1])
            && (tokens[position + 1].offset == offset + 1 || tokens[position + 1].kind == .variableEnd)
    }
}
