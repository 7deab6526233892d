import OpsCore

extension Lexer {
    static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    static func isNameByte(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || byte == 0x5F || isDigit(byte) || byte >= 0x80
    }

    /// Reads tokens up to the closing delimiter of `kind`, or to the end of the text if nil.
    mutating func scanExpression(until kind: Opening?) throws(Diagnostic) {
        let end = Array((kind == .variable ? syntax.variableEnd : syntax.blockEnd).utf8)
        let start = index
        var open: [(symbol: Symbol, offset: Int)] = []
        while index < bytes.count {
            if kind != nil, open.isEmpty, let next = closing(end, at: index, trimsNewline: kind == .block) {
                add(kind == .variable ? .variableEnd : .blockEnd, at: index)
                index = next
                return
            }
            try scanToken(&open, inVariable: kind == .variable)
        }
        if kind != nil {
            throw fail(
                "unexpected end of template, the tag has no '\(kind == .variable ? syntax.variableEnd : syntax.blockEnd)'",
                at: start - (kind == .variable ? syntax.variableStart : syntax.blockStart).utf8.count)
        }
        if let unclosed = open.last { throw fail("'\(unclosed.symbol.rawValue)' is never closed", at: unclosed.offset) }
    }

    private mutating func scanToken(_ open: inout [(symbol: Symbol, offset: Int)], inVariable: Bool) throws(Diagnostic)
    {
        let byte = bytes[index]
        if Lexer.isSpace(byte) {
            index += 1
        } else if let length = wideSpace(at: index) {
            index += length
        } else if Lexer.isDigit(byte) {
            try scanNumber()
        } else if Lexer.isNameByte(byte) {
            try scanName()
        } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
            try scanString(quote: byte, keepsBackslashes: inVariable && syntax.keepsBackslashes)
        } else {
            try scanSymbol(&open, inVariable: inVariable)
        }
    }

    /// The bytes of a white space character beyond ASCII that stands here.
    private func wideSpace(at position: Int) -> Int? {
        guard bytes[position] >= 0xC2 else { return nil }
        let length = bytes[position] >= 0xE0 ? 3 : 2
        let scalars = String(decoding: bytes[position..<min(position + length, bytes.count)], as: UTF8.self).unicodeScalars
        return scalars.count == 1 && scalars.allSatisfy(PythonText.isSpace) ? length : nil
    }

    private mutating func scanName() throws(Diagnostic) {
        let start = index
        while index < bytes.count, Lexer.isNameByte(bytes[index]), wideSpace(at: index) == nil { index += 1 }
        let name = String(decoding: bytes[start..<index], as: UTF8.self)
        let scalars = name.unicodeScalars
        guard scalars.first.map({ $0.properties.isXIDStart || $0 == "_" }) == true,
            scalars.dropFirst().allSatisfy({ $0.properties.isXIDContinue })
        else { throw fail("invalid character in identifier", at: start) }
        add(.name(name), at: start)
    }

    private mutating func scanSymbol(_ open: inout [(symbol: Symbol, offset: Int)], inVariable: Bool) throws(Diagnostic) {
        guard let symbol = Symbol.match(bytes, index) else {
            // Jinja has no use for them, and Go puts them before variables and around strings.
            if inVariable, bytes[index] == UInt8(ascii: "$") || bytes[index] == UInt8(ascii: "`") {
                throw GoText.refusal(at: source.location(at: index))
            }
            var end = index + 1
            while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
            throw fail("unexpected character '\(String(decoding: bytes[index..<end], as: UTF8.self))'", at: index)
        }
        switch symbol {
        case .leftParen, .leftBracket, .leftBrace:
            open.append((symbol, index))
        case .rightParen, .rightBracket, .rightBrace:
            let expected: Symbol? = switch open.popLast()?.symbol {
            case .leftParen: .rightParen
            case .leftBracket: .rightBracket
            case .leftBrace: .rightBrace
            default: nil
            }
            if symbol != expected {
                let wanted = expected.map { ", expected '\($0.rawValue)'" } ?? ""
                throw fail("unexpected '\(symbol.rawValue)'\(wanted)", at: index)
            }
        default: break
        }
        add(.symbol(symbol), at: index)
        index += symbol.rawValue.utf8.count
    }

    private mutating func scanString(quote: UInt8, keepsBackslashes: Bool) throws(Diagnostic) {
        let start = index
        index += 1
        while index < bytes.count, bytes[index] != quote { index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1 }
        guard index < bytes.count else { throw fail("the string is never closed", at: start) }
        let content = bytes[(start + 1)..<index]
        index += 1
        let text = String(decoding: content, as: UTF8.self)
        guard !keepsBackslashes, content.contains(UInt8(ascii: "\\")) else { return add(.string(text), at: start) }
        guard let unescaped = PythonLiteral.unescape(text) else {
            throw fail("the string has an invalid escape sequence", at: start)
        }
        add(.string(unescaped), at: start)
    }
}
