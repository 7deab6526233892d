import OpsCore

extension Parser {
    mutating func parseInclude(_ offset: Int) throws(Diagnostic) -> StatementSyntax {
        let name = try parseExpression()
        let ignoreMissing = isName("ignore") && next.kind == .name("missing")
        if ignoreMissing {
            advance()
            advance()
        }
        let withContext = takeContext() ?? true
        return .include(name, ignoreMissing: ignoreMissing, withContext: withContext, offset: offset)
    }

    mutating func parseImport(_ offset: Int) throws(Diagnostic) -> StatementSyntax {
        let name = try parseExpression()
        try expectName("as")
        let alias = try expectIdentifier()
        let withContext = takeContext() ?? false
        return .import(name, as: alias, withContext: withContext, offset: offset)
    }

    mutating func parseFromImport(_ offset: Int) throws(Diagnostic) -> StatementSyntax {
        let template = try parseExpression()
        try expectName("import")
        var names: [(name: String, alias: String)] = []
        var withContext: Bool?
        while true {
            if !names.isEmpty { try expect(.comma) }
            withContext = takeContext()
            if withContext != nil { break }
            let nameOffset = current.offset
            let name = try expectIdentifier()
            if name.hasPrefix("_") {
                throw fail("names starting with an underscore cannot be imported", at: nameOffset)
            }
            let alias = skipName("as") ? try expectIdentifier() : name
            names.append((name, alias))
            withContext = takeContext()
            if withContext != nil || !isSymbol(.comma) { break }
        }
        if names.isEmpty { throw fail("expected a name to import") }
        return .fromImport(template, names: names, withContext: withContext ?? false, offset: offset)
    }

    /// `with context` or `without context`, if written.
    private mutating func takeContext() -> Bool? {
        guard isName("with") || isName("without"), next.kind == .name("context") else { return nil }
        let isWith = isName("with")
        advance()
        advance()
        return isWith
    }
}
