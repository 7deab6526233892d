import OpsCore

extension Parser {
    mutating func parsePostfix(_ subject: ExpressionSyntax) throws(Diagnostic) -> ExpressionSyntax {
        var expression = subject
        var links = 0
        while true {
            switch current.kind {
            case .symbol(.dot): expression = try parseAttribute(expression)
            case .symbol(.leftBracket): expression = try parseSubscript(expression)
            case .symbol(.leftParen): expression = try parseCall(expression)
            default: return expression
            }
            try link(&links)
        }
    }

    mutating func parseFiltersAndTests(_ subject: ExpressionSyntax) throws(Diagnostic) -> ExpressionSyntax {
        var expression = subject
        var links = 0
        while true {
            switch current.kind {
            case .symbol(.pipe): expression = try parseFilter(expression)
            case .name("is"): expression = try parseTest(expression)
            case .symbol(.leftParen): expression = try parseCall(expression)
            default: return expression
            }
            try link(&links)
        }
    }

    private mutating func parseAttribute(_ subject: ExpressionSyntax) throws(Diagnostic) -> ExpressionSyntax {
        try expect(.dot)
        let token = advance()
        switch token.kind {
        case .name(let name): return .attribute(subject, name, offset: token.offset)
        case .integer(let index): return .item(subject, .integer(index), offset: token.offset)
        default: throw fail("expected name or number after '.', found \(token.description)", at: token.offset)
        }
    }

    private mutating func parseSubscript(_ subject: ExpressionSyntax) throws(Diagnostic) -> ExpressionSyntax {
        let offset = current.offset
        try expect(.leftBracket)
        var keys: [ExpressionSyntax] = []
        while !isSymbol(.rightBracket) {
            if !keys.isEmpty { try expect(.comma) }
            keys.append(try parseSubscriptKey())
        }
        guard let first = keys.first else { throw fail("expected subscript expression") }
        try expect(.rightBracket)
        return .item(subject, keys.count == 1 ? first : .tuple(keys), offset: offset)
    }

    private mutating func parseSubscriptKey() throws(Diagnostic) -> ExpressionSyntax {
        var start: ExpressionSyntax?
        if !isSymbol(.colon) {
            let key = try parseExpression()
            guard isSymbol(.colon) else { return key }
            start = key
        }
        try expect(.colon)
        let stop = try parseSliceBound()
        let step = skip(.colon) ? try parseSliceBound() : nil
        return .slice(start: start, stop: stop, step: step)
    }

    private mutating func parseSliceBound() throws(Diagnostic) -> ExpressionSyntax? {
        switch current.kind {
        case .symbol(.colon), .symbol(.rightBracket), .symbol(.comma): nil
        default: try parseExpression()
        }
    }

    mutating func parseCall(_ subject: ExpressionSyntax) throws(Diagnostic) -> ExpressionSyntax {
        let offset = current.offset
        return .call(subject, try parseArguments(), offset: offset)
    }

    /// `(a, b, *c, key=d, **e)`.
    mutating func parseArguments() throws(Diagnostic) -> ArgumentsSyntax {
        try expect(.leftParen)
        var arguments = ArgumentsSyntax()
        var names: Set<String> = []
        var isFirst = true
        while !isSymbol(.rightParen) {
            if !isFirst {
                try expect(.comma)
                if isSymbol(.rightParen) { break }
            }
            isFirst = false
            try parseArgument(into: &arguments, &names)
        }
        try expect(.rightParen)
        return arguments
    }

    /// - Parameter names: those of the keyword arguments so far.
    private mutating func parseArgument(into arguments: inout ArgumentsSyntax, _ names: inout Set<String>) throws(Diagnostic) {
        let offset = current.offset
        if skip(.multiply) {
            guard arguments.star == nil, arguments.doubleStar == nil else {
                throw fail("invalid argument syntax", at: offset)
            }
            arguments.star = try parseExpression()
        } else if skip(.power) {
            guard arguments.doubleStar == nil else { throw fail("invalid argument syntax", at: offset) }
            arguments.doubleStar = try parseExpression()
        } else if case .name(let name) = current.kind, next.kind == .symbol(.assign) {
            guard arguments.doubleStar == nil else { throw fail("invalid argument syntax", at: offset) }
            advance()
            advance()
            guard names.insert(name).inserted else { throw fail("the argument '\(name)' is given twice", at: offset) }
            arguments.keyword.append((name, try parseExpression()))
        } else {
            guard arguments.star == nil, arguments.doubleStar == nil, arguments.keyword.isEmpty else {
                throw fail("a positional argument cannot follow a keyword argument", at: offset)
            }
            arguments.positional.append(try parseExpression())
        }
    }

    /// A name that may have dots, such as `ansible.builtin.to_json`.
    private mutating func parseDottedName() throws(Diagnostic) -> String {
        var name = try expectIdentifier()
        while isSymbol(.dot) {
            advance()
            name += "." + (try expectIdentifier())
        }
        return name
    }

    /// One `| name(arguments)`; the subject is nil at the start of a filter block.
    mutating func parseFilter(_ subject: ExpressionSyntax?, startsInline: Bool = false) throws(Diagnostic)
        -> ExpressionSyntax
    {
        if !startsInline { try expect(.pipe) }
        let offset = current.offset
        let name = try parseDottedName()
        let arguments = isSymbol(.leftParen) ? try parseArguments() : ArgumentsSyntax()
        return .filter(subject, name, arguments, offset: offset)
    }

    private mutating func parseTest(_ subject: ExpressionSyntax) throws(Diagnostic) -> ExpressionSyntax {
        try expectName("is")
        let isNegated = skipName("not")
        let offset = current.offset
        let name = try parseDottedName()
        var arguments = ArgumentsSyntax()
        if isSymbol(.leftParen) {
            arguments = try parseArguments()
        } else if startsTestArgument {
            if isName("is") { throw fail("tests cannot be chained with 'is'") }
            let primary = try nested { (parser) throws(Diagnostic) in try parser.parsePrimary() }
            arguments.positional = [try parsePostfix(primary)]
        }
        let test = ExpressionSyntax.test(subject, name, arguments, offset: offset)
        return isNegated ? .not(test) : test
    }

    private var startsTestArgument: Bool {
        switch current.kind {
        case .name(let name): !["else", "or", "and"].contains(name)
        case .string, .integer, .float, .symbol(.leftBracket), .symbol(.leftBrace): true
        default: false
        }
    }
}
