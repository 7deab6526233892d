import OpsCore

/// Splits a template into tokens, with Jinja2's rules for white space around tags.
struct Lexer {
    let source: SourceText
    let syntax: TemplateSyntax
    let bytes: [UInt8]
    var index = 0
    var tokens: [Token] = []
    private let openings: [(kind: Opening, text: [UInt8])]

    enum Opening { case block, variable, comment }

    init(_ source: SourceText, syntax: TemplateSyntax) {
        self.source = source
        self.syntax = syntax
        bytes = source.bytes
        // The longest delimiter wins where several match, then Jinja2's order.
        openings = [
            (.comment, Array(syntax.commentStart.utf8)), (.block, Array(syntax.blockStart.utf8)),
            (.variable, Array(syntax.variableStart.utf8)),
        ].enumerated().sorted { ($1.element.1.count, $0.offset) < ($0.element.1.count, $1.offset) }.map(\.element)
    }

    /// The tokens of the whole template; `.end` is the last.
    static func tokenize(_ source: SourceText, syntax: TemplateSyntax) throws(Diagnostic) -> [Token] {
        var lexer = Lexer(source, syntax: syntax)
        try lexer.run()
        return lexer.tokens
    }

    /// The tokens of a bare expression, as in `when:`.
    static func tokenizeExpression(_ source: SourceText, syntax: TemplateSyntax) throws(Diagnostic) -> [Token] {
        var lexer = Lexer(source, syntax: syntax)
        try lexer.scanExpression(until: nil)
        lexer.add(.end, at: lexer.bytes.count)
        return lexer.tokens
    }

    mutating func add(_ kind: Token.Kind, at offset: Int) { tokens.append(Token(kind: kind, offset: offset)) }

    func fail(_ message: String, at offset: Int, hints: [String] = []) -> Diagnostic {
        Diagnostic(code: "template-syntax", message, at: source.location(at: offset), hints: hints)
    }

    func matches(_ text: [UInt8], at position: Int) -> Bool {
        guard position + text.count <= bytes.count else { return false }
        for offset in 0..<text.count where bytes[position + offset] != text[offset] { return false }
        return true
    }

    private mutating func run() throws(Diagnostic) {
        var lineStarting = true
        while index < bytes.count {
            let dataStart = index
            guard let (kind, tagStart, text) = nextOpening() else {
                addData(dataStart..<bytes.count, at: dataStart)
                index = bytes.count
                break
            }
            index = tagStart + text.count
            let sign = takeSign()
            var dataEnd = tagStart
            if sign == UInt8(ascii: "-") {
                dataEnd = trimmedEnd(dataStart, tagStart)
            } else if sign == nil, syntax.lstripBlocks, kind != .variable {
                dataEnd = leftStripped(dataStart, tagStart, lineStarting: lineStarting)
            }
            addData(dataStart..<dataEnd, at: dataStart)
            try scanTag(kind, at: tagStart)
            lineStarting = index > 0 && bytes[index - 1] == UInt8(ascii: "\n")
        }
        add(.end, at: bytes.count)
    }

    private func nextOpening() -> (kind: Opening, start: Int, text: [UInt8])? {
        var position = index
        while position < bytes.count {
            for opening in openings where bytes[position] == opening.text.first && matches(opening.text, at: position) {
                return (opening.kind, position, opening.text)
            }
            position += 1
        }
        return nil
    }

    private mutating func takeSign() -> UInt8? {
        guard index < bytes.count, bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: "+") else {
            return nil
        }
        index += 1
        return bytes[index - 1]
    }

    private mutating func scanTag(_ kind: Opening, at start: Int) throws(Diagnostic) {
        switch kind {
        case .comment:
            try skipComment(from: start)
        case .variable:
            try refuseGoTemplate(at: start)
            add(.variableBegin, at: start)
            try scanExpression(until: .variable)
        case .block:
            if try scanRaw(from: start) { return }
            add(.blockBegin, at: start)
            try scanExpression(until: .block)
        }
    }

    mutating func addData(_ range: Range<Int>, at offset: Int) {
        guard !range.isEmpty else { return }
        var text = String(decoding: bytes[range], as: UTF8.self)
        if syntax.newlineSequence != "\n" { text = text.replacingText("\n", with: syntax.newlineSequence) }
        add(.data(text), at: offset)
    }
}
