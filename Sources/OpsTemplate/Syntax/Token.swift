/// A piece of a template as the parser sees it.
struct Token: Equatable, Sendable {
    enum Kind: Equatable, Sendable {
        /// Text outside of tags, white space control already applied.
        case data(String)
        case variableBegin, variableEnd, blockBegin, blockEnd
        case name(String)
        case string(String)
        case integer(Int)
        case float(Double)
        case symbol(Symbol)
        case end
    }

    let kind: Kind
    /// UTF-8 offset in the source.
    let offset: Int

    /// How the token is named in error messages.
    var description: String {
        switch kind {
        case .data: "text"
        case .variableBegin: "begin of print statement"
        case .variableEnd: "end of print statement"
        case .blockBegin: "begin of statement block"
        case .blockEnd: "end of statement block"
        case .name(let name): "'\(name)'"
        case .string: "string"
        case .integer(let number): "'\(number)'"
        case .float(let number): "'\(number)'"
        case .symbol(let symbol): "'\(symbol.rawValue)'"
        case .end: "end of template"
        }
    }
}

/// Operators and punctuation.
enum Symbol: String, CaseIterable, Sendable {
    case floorDivide = "//", power = "**", equal = "==", notEqual = "!=", greaterEqual = ">=", lessEqual = "<="
    case add = "+", subtract = "-", divide = "/", multiply = "*", modulo = "%", tilde = "~"
    case leftBracket = "[", rightBracket = "]", leftParen = "(", rightParen = ")", leftBrace = "{", rightBrace = "}"
    case greater = ">", less = "<", assign = "=", dot = ".", colon = ":", pipe = "|", comma = ",", semicolon = ";"

    /// The longest symbol at `index` of `bytes`.
    static func match(_ bytes: [UInt8], _ index: Int) -> Symbol? {
        let first = bytes[index]
        if index + 1 < bytes.count, let symbol = pairs[UInt16(first) << 8 | UInt16(bytes[index + 1])] { return symbol }
        return singles[first]
    }

    private static let singles: [UInt8: Symbol] = Dictionary(
        uniqueKeysWithValues: allCases.filter { $0.rawValue.utf8.count == 1 }.map { ($0.rawValue.utf8.first ?? 0, $0) })
    private static let pairs: [UInt16: Symbol] = Dictionary(
        uniqueKeysWithValues: allCases.filter { $0.rawValue.utf8.count == 2 }.map { symbol in
            let bytes = Array(symbol.rawValue.utf8)
            return (UInt16(bytes[0]) << 8 | UInt16(bytes[1]), symbol)
        })
}
