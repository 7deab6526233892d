import OpsCore

extension Parser {
    /// Statements up to one of the tags `ends`, which is left as the current token; with no ends, up
    /// to the end of the template.
    mutating func parseStatements(until ends: [String]) throws(Diagnostic) -> [StatementSyntax] {
        var statements: [StatementSyntax] = []
        while true {
            let token = current
            switch token.kind {
            case .data(let text):
                advance()
                statements.append(.text(text))
            case .variableBegin:
                statements.append(try parseOutput())
            case .blockBegin:
                if case .name(let name) = next.kind, ends.contains(name) {
                    advance()
                    return statements
                }
                statements += try nested { (parser) throws(Diagnostic) in try parser.parseTag(ends) }
            default:
                if ends.isEmpty { return statements }
                throw fail(
                    "unexpected end of template, looking for '\(ends.joined(separator: "' or '"))'",
                    hints: enclosing.last.map { ["the innermost block that needs to be closed is '\($0)'"] } ?? [])
            }
        }
    }

    /// One `{% … %}` with what belongs to it; `print` may give several statements.
    private mutating func parseTag(_ ends: [String]) throws(Diagnostic) -> [StatementSyntax] {
        advance()
        let offset = current.offset
        guard case .name(let tag) = current.kind else { throw unexpected("a tag name") }
        guard let parse = Parser.tags[tag] else { throw unknownTag(tag, ends) }
        advance()
        enclosing.append(tag)
        let statements = try parse(&self, offset)
        enclosing.removeLast()
        try expectBlockEnd()
        return statements
    }

    private func unknownTag(_ tag: String, _ ends: [String]) -> Diagnostic {
        if tag.hasPrefix("end") || tag == "else" || tag == "elif" {
            let hints = enclosing.last.map { ["the innermost block that needs to be closed is '\($0)'"] } ?? []
            return fail(
                "unexpected tag '\(tag)'" + (ends.isEmpty ? "" : ", looking for '\(ends.joined(separator: "' or '"))'"),
                hints: hints)
        }
        return fail("unknown tag '\(tag)'", hints: NearestName.hints(for: tag, in: Parser.tags.keys.sorted()))
    }

    typealias TagParser = @Sendable (inout Parser, Int) throws(Diagnostic) -> [StatementSyntax]

    static let tags: [String: TagParser] = [
        "if": { (p, _) throws(Diagnostic) in [try p.parseIf()] },
        "for": { (p, at) throws(Diagnostic) in [try p.parseFor(at)] },
        "set": { (p, at) throws(Diagnostic) in [try p.parseSet(at)] },
        "with": { (p, _) throws(Diagnostic) in [try p.parseWith()] },
        "print": { (p, at) throws(Diagnostic) in try p.parsePrint(at) },
        "do": { (p, at) throws(Diagnostic) in [.do(try p.parseTuple(), offset: at)] },
        "break": { (p, at) throws(Diagnostic) in [try p.parseLoopControl(.break(offset: at), "break", at)] },
        "continue": { (p, at) throws(Diagnostic) in [try p.parseLoopControl(.continue(offset: at), "continue", at)] },
        "macro": { (p, at) throws(Diagnostic) in [try p.parseMacro(at)] },
        "call": { (p, at) throws(Diagnostic) in [try p.parseCallBlock(at)] },
        "filter": { (p, at) throws(Diagnostic) in [try p.parseFilterBlock(at)] },
        "autoescape": { (p, _) throws(Diagnostic) in [try p.parseAutoescape()] },
        "block": { (p, at) throws(Diagnostic) in [try p.parseBlock(at)] },
        "extends": { (p, at) throws(Diagnostic) in [.extends(try p.parseExpression(), offset: at)] },
        "include": { (p, at) throws(Diagnostic) in [try p.parseInclude(at)] },
        "import": { (p, at) throws(Diagnostic) in [try p.parseImport(at)] },
        "from": { (p, at) throws(Diagnostic) in [try p.parseFromImport(at)] },
    ]

    /// The statements of a block's body and then its end tag (`ends` has one name).
    mutating func parseBody(until ends: String...) throws(Diagnostic) -> [StatementSyntax] {
        try expectBlockEnd()
        return try parseStatements(until: ends)
    }

    private mutating func parseIf() throws(Diagnostic) -> StatementSyntax {
        var branches: [(test: ExpressionSyntax, body: [StatementSyntax])] = []
        while true {
            let test = try parseTuple(withCondition: false)
            branches.append((test, try parseBody(until: "elif", "else", "endif")))
            if skipName("elif") { continue }
            var otherwise: [StatementSyntax] = []
            if skipName("else") { otherwise = try parseBody(until: "endif") }
            try expectName("endif")
            return .if(branches, otherwise: otherwise)
        }
    }

    private mutating func parseFor(_ offset: Int) throws(Diagnostic) -> StatementSyntax {
        let target = try parseTarget()
        try expectName("in")
        let iterable = try parseTuple(withCondition: false, endsBefore: "recursive")
        let test = skipName("if") ? try parseExpression() : nil
        let isRecursive = skipName("recursive")
        loopDepth += 1
        let body = try parseBody(until: "endfor", "else")
        loopDepth -= 1
        var otherwise: [StatementSyntax] = []
        if skipName("else") { otherwise = try parseBody(until: "endfor") }
        try expectName("endfor")
        return .for(
            ForSyntax(
                target: target, iterable: iterable, test: test, body: body, otherwise: otherwise,
                isRecursive: isRecursive, offset: offset))
    }

    private mutating func parseLoopControl(
        _ statement: StatementSyntax, _ tag: String, _ offset: Int
    ) throws(Diagnostic) -> StatementSyntax {
        guard loopDepth > 0 else { throw fail("'\(tag)' outside of a loop", at: offset) }
        return statement
    }

    private mutating func parsePrint(_ offset: Int) throws(Diagnostic) -> [StatementSyntax] {
        var outputs: [StatementSyntax] = []
        while current.kind != .blockEnd {
            if !outputs.isEmpty { try expect(.comma) }
            outputs.append(.output(try parseExpression(), offset: offset))
        }
        return outputs
    }

    private mutating func parseAutoescape() throws(Diagnostic) -> StatementSyntax {
        let value = try parseExpression()
        let body = try parseBody(until: "endautoescape")
        try expectName("endautoescape")
        return .autoescape(value, body: body)
    }

    private mutating func parseFilterBlock(_ offset: Int) throws(Diagnostic) -> StatementSyntax {
        let filter = try parseFilters(nil, offset)
        let body = try parseBody(until: "endfilter")
        try expectName("endfilter")
        return .filter(filter, body: body, offset: offset)
    }

    /// A chain of filters that begins without a pipe.
    mutating func parseFilters(_ subject: ExpressionSyntax?, _ offset: Int) throws(Diagnostic) -> ExpressionSyntax {
        var filter = try parseFilter(subject, startsInline: true)
        var links = 0
        while isSymbol(.pipe) {
            try link(&links)
            filter = try parseFilter(filter)
        }
        return filter
    }
}
