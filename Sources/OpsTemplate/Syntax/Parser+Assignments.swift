import OpsCore

extension Parser {
    /// Names that can't be bound.
    private static let reserved: Set<String> = ["true", "false", "none", "True", "False", "None"]

    private mutating func parseTargetName() throws(Diagnostic) -> TargetSyntax {
        let offset = current.offset
        let name = try expectIdentifier()
        if Parser.reserved.contains(name) { throw fail("cannot assign to '\(name)'", at: offset) }
        return .name(name, offset: offset)
    }

    /// `a`, `a, b`, `(a, b), c`; with `allowsAttribute` also `ns.a`.
    mutating func parseTarget(allowsAttribute: Bool = false) throws(Diagnostic) -> TargetSyntax {
        try nested { (parser) throws(Diagnostic) in
            let offset = parser.current.offset
            var items: [TargetSyntax] = []
            var isTuple = false
            while true {
                if !items.isEmpty { guard parser.skip(.comma) else { break }; isTuple = true }
                if parser.isTargetEnd { break }
                items.append(try parser.parseTargetItem(allowsAttribute: allowsAttribute))
            }
            guard let first = items.first else { throw parser.unexpected("a name to assign to") }
            return isTuple ? .tuple(items, offset: offset) : first
        }
    }

    private var isTargetEnd: Bool {
        switch current.kind {
        case .symbol(.rightParen), .symbol(.rightBracket), .blockEnd: true
        default: false
        }
    }

    private mutating func parseTargetItem(allowsAttribute: Bool) throws(Diagnostic) -> TargetSyntax {
        let offset = current.offset
        if skip(.leftParen) {
            let inner = try parseTarget(allowsAttribute: allowsAttribute)
            try expect(.rightParen)
            if case .name = inner { return inner }
            return inner
        }
        if allowsAttribute, case .name(let namespace) = current.kind, next.kind == .symbol(.dot) {
            advance()
            advance()
            return .attribute(namespace: namespace, attribute: try expectIdentifier(), offset: offset)
        }
        return try parseTargetName()
    }

    mutating func parseSet(_ offset: Int) throws(Diagnostic) -> StatementSyntax {
        let target = try parseTarget(allowsAttribute: true)
        if skip(.assign) { return .set(target, try parseTuple(), offset: offset) }
        var filter: ExpressionSyntax?
        if skip(.pipe) { filter = try parseFilters(nil, offset) }
        if case .tuple = target { throw unexpected("'='") }
        let body = try parseBody(until: "endset")
        try expectName("endset")
        return .setBlock(target, filter: filter, body: body, offset: offset)
    }

    mutating func parseWith() throws(Diagnostic) -> StatementSyntax {
        var bindings: [(target: TargetSyntax, value: ExpressionSyntax)] = []
        while current.kind != .blockEnd {
            if !bindings.isEmpty { try expect(.comma) }
            let target = try parseTarget()
            try expect(.assign)
            bindings.append((target, try parseExpression()))
        }
        let body = try parseBody(until: "endwith")
        try expectName("endwith")
        return .with(bindings, body: body)
    }

    private mutating func parseParameters() throws(Diagnostic) -> [ParameterSyntax] {
        try expect(.leftParen)
        var parameters: [ParameterSyntax] = []
        var names: Set<String> = []
        while !isSymbol(.rightParen) {
            if !parameters.isEmpty { try expect(.comma) }
            let offset = current.offset
            guard case .name(let name, _) = try parseTargetName() else { break }
            let defaultValue = skip(.assign) ? try parseExpression() : nil
            if defaultValue == nil, parameters.last?.defaultValue != nil {
                throw fail("a parameter without default cannot follow one with a default", at: offset)
            }
            guard names.insert(name).inserted else { throw fail("the parameter '\(name)' is named twice", at: offset) }
            parameters.append(ParameterSyntax(name: name, defaultValue: defaultValue))
        }
        try expect(.rightParen)
        return parameters
    }

    mutating func parseMacro(_ offset: Int) throws(Diagnostic) -> StatementSyntax {
        guard case .name(let name, _) = try parseTargetName() else { throw unexpected("a name") }
        let parameters = try parseParameters()
        let body = try parseUnit(until: "endmacro")
        return .macro(MacroSyntax(name: name, parameters: parameters, body: body, offset: offset))
    }

    mutating func parseCallBlock(_ offset: Int) throws(Diagnostic) -> StatementSyntax {
        let parameters = isSymbol(.leftParen) ? try parseParameters() : []
        let call = try parseExpression()
        guard case .call = call else { throw fail("expected a call", at: offset) }
        let body = try parseUnit(until: "endcall")
        return .call(
            MacroSyntax(name: "caller", parameters: parameters, body: body, offset: offset), call, offset: offset)
    }

    /// A body that loop controls can't leave.
    private mutating func parseUnit(until end: String) throws(Diagnostic) -> [StatementSyntax] {
        let outerLoops = loopDepth
        loopDepth = 0
        defer { loopDepth = outerLoops }
        let body = try parseBody(until: end)
        try expectName(end)
        return body
    }

    mutating func parseBlock(_ offset: Int) throws(Diagnostic) -> StatementSyntax {
        let name = try expectIdentifier()
        let isScoped = skipName("scoped")
        let isRequired = skipName("required")
        if isSymbol(.subtract) { throw fail("block names cannot contain '-', use '_'") }
        guard blockNames.insert(name).inserted else { throw fail("block '\(name)' is defined twice", at: offset) }
        let outerLoops = loopDepth
        loopDepth = 0
        defer { loopDepth = outerLoops }
        let body = try parseBody(until: "endblock")
        try expectName("endblock")
        _ = skipName(name)
        if isRequired, !Parser.isBlank(body) {
            throw fail("a required block can only hold white space and comments", at: offset)
        }
        return .block(BlockSyntax(name: name, body: body, isScoped: isScoped, isRequired: isRequired, offset: offset))
    }

    private static func isBlank(_ body: [StatementSyntax]) -> Bool {
        body.allSatisfy { if case .text(let text) = $0 { text.utf8.allSatisfy(Lexer.isSpace) } else { false } }
    }
}
