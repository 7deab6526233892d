import OpsCore

/// A template ready to run. Immutable, so it can be rendered by many at once.
final class CompiledTemplate: Sendable {
    let source: SourceText
    let body: Body
    let slotCount: Int
    /// Variables looked up outside of the template; stable ones keep their value for a rendering.
    let contextNames: [(name: String, isStable: Bool)]
    let blocks: [BlockCode]
    let selfSlot: Int?
    /// How deep its statements and expressions nest, which bounds the stack that running it takes.
    let height: Int
    /// Newlines at the end of the source, for those who want them back.
    let trailingNewlines: Int
    let restoresNewlines: Bool
    let newlineSequence: String

    convenience init(_ text: String, origin: TemplateOrigin, environment: TemplateEnvironment) throws(Diagnostic) {
        let prepared = try PreparedSource(text, origin: origin, syntax: environment.syntax)
        var parser = Parser(prepared.source, tokens: try Lexer.tokenize(prepared.source, syntax: prepared.syntax))
        let statements = try parser.parseStatements(until: [])
        self.init(try Compiler.compile(statements, prepared, environment: environment, height: parser.height))
    }

    init(_ unit: Compiler.Unit) {
        source = unit.prepared.source
        body = unit.body
        slotCount = unit.slotCount
        contextNames = unit.contextNames
        blocks = unit.blocks
        selfSlot = unit.selfSlot
        height = unit.height
        trailingNewlines = unit.prepared.trailingNewlines
        restoresNewlines = unit.prepared.syntax.trailingNewline == .restored
        newlineSequence = unit.prepared.outerNewline
    }

    /// Runs the template and those it extends.
    func render(_ context: TemplateContext, autoescape: Bool, _ output: inout Output) throws {
        for block in blocks {
            context.blocks[block.name, default: []].append(BlockDefinition(code: block, template: self))
        }
        let frame = Frame(TemplateInstance(self, context), slots: slotCount, autoescape: autoescape)
        if let selfSlot { frame[selfSlot] = .object(TemplateReference(context, autoescape: autoescape)) }
        try context.state.called(height) {
            _ = try body.run(frame, &output)
            if let parent = frame.parentTemplate { try parent.render(context, autoescape: autoescape, &output) }
        }
    }
}

/// A template's text after its first line and its newlines have been looked at.
struct PreparedSource {
    let source: SourceText
    let syntax: TemplateSyntax
    let trailingNewlines: Int
    /// The newline that restored ones at the end are written with; a `#jinja2:` line does not change it.
    let outerNewline: String

    init(_ text: String, origin: TemplateOrigin, syntax: TemplateSyntax) throws(Diagnostic) {
        outerNewline = syntax.newlineSequence
        var (bytes, settings, skipped) = (Array(text.utf8), syntax, 0)
        if text.hasPrefix(TemplateSyntax.overridePrefix) {
            let end = bytes.firstIndex(of: UInt8(ascii: "\n"))
            guard let end else {
                throw Diagnostic(
                    code: "template-syntax", "the '#jinja2:' line must be followed by the template", at: origin.start)
            }
            settings = try SyntaxOverride.apply(
                String(decoding: bytes[..<end], as: UTF8.self), to: syntax, at: origin.start)
            bytes.removeSubrange(...end)
            skipped = 1
        }
        trailingNewlines = bytes.reversed().prefix { $0 == UInt8(ascii: "\n") }.count
        if bytes.contains(UInt8(ascii: "\r")) { bytes = PreparedSource.withUnixNewlines(bytes) }
        if settings.trailingNewline != .kept, bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        source = SourceText(bytes: bytes, origin: origin, skippedLines: skipped)
        self.syntax = settings
    }

    private static func withUnixNewlines(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        for (index, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "\r") {
                result.append(UInt8(ascii: "\n"))
            } else if byte != UInt8(ascii: "\n") || index == 0 || bytes[index - 1] != UInt8(ascii: "\r") {
                result.append(byte)
            }
        }
        return result
    }
}
