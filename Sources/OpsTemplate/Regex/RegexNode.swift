/// A part of a regular expression.
indirect enum RegexNode: Sendable {
    case empty
    case scalar(UInt32, ignoresCase: Bool)
    case any(matchesNewline: Bool)
    case set(RegexSet)
    case sequence([RegexNode])
    case alternatives([RegexNode])
    case group(RegexNode, number: Int)
    case `repeat`(RegexNode, min: Int, max: Int?, kind: Greediness)
    case assertion(Assertion)
    case look(RegexNode, isAhead: Bool, isNegative: Bool)
    case atomic(RegexNode)
    case backreference(Int, ignoresCase: Bool)
    case conditional(group: Int, then: RegexNode, otherwise: RegexNode)

    enum Greediness: Sendable { case greedy, lazy, possessive }

    enum Assertion: Sendable {
        case textStart, lineStart, textEnd, textEndOrLastNewline, lineEnd, wordBoundary, notWordBoundary
    }

    /// How many characters it matches, if that is always the same; lookbehind needs to know.
    var fixedWidth: Int? {
        switch self {
        case .empty, .assertion, .look: return 0
        case .scalar, .any, .set: return 1
        case .sequence(let parts):
            return parts.reduce(0) { sum, part in sum.flatMap { sum in part.fixedWidth.map { sum + $0 } } }
        case .alternatives(let parts):
            let widths = Set(parts.map(\.fixedWidth))
            return widths.count == 1 ? widths.first ?? nil : nil
        case .group(let inner, _), .atomic(let inner): return inner.fixedWidth
        case .repeat(let inner, let min, let max, _): return min == max ? inner.fixedWidth.map { $0 * min } : nil
        case .backreference: return nil
        case .conditional(_, let then, let otherwise):
            return then.fixedWidth == otherwise.fixedWidth ? then.fixedWidth : nil
        }
    }
}

/// A set of characters, such as `[a-z_]` or `\d`.
struct RegexSet: Sendable {
    enum Item: Sendable {
        case range(ClosedRange<UInt32>)
        case digit(Bool), space(Bool), word(Bool)
    }

    var items: [Item]
    var isNegated = false
    var ignoresCase = false

    func contains(_ code: UInt32) -> Bool {
        if holds(code) != isNegated { return true }
        guard ignoresCase else { return false }
        return RegexSet.variants(code).contains { holds($0) } != isNegated
    }

    private func holds(_ code: UInt32) -> Bool {
        items.contains { item in
            switch item {
            case .range(let range): range.contains(code)
            case .digit(let expected): RegexSet.isDigit(code) == expected
            case .space(let expected): RegexSet.isSpace(code) == expected
            case .word(let expected): RegexSet.isWord(code) == expected
            }
        }
    }

    static func isDigit(_ code: UInt32) -> Bool {
        if code < 0x80 { return (0x30...0x39).contains(code) }
        return Unicode.Scalar(code)?.properties.numericType == .decimal
    }

    static func isSpace(_ code: UInt32) -> Bool { Unicode.Scalar(code).map(PythonText.isSpace) ?? false }

    static func isWord(_ code: UInt32) -> Bool {
        if code < 0x80 { return code == 0x5F || (0x30...0x39).contains(code) || (0x61...0x7A).contains(code | 0x20) }
        guard let scalar = Unicode.Scalar(code) else { return false }
        return PythonText.isLetter(scalar) || scalar.properties.numericType != nil
    }

    /// The other cases of a character.
    static func variants(_ code: UInt32) -> [UInt32] {
        guard let scalar = Unicode.Scalar(code) else { return [] }
        return [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping].compactMap { mapping in
            mapping.unicodeScalars.count == 1 ? mapping.unicodeScalars.first?.value : nil
        }
    }

    static func fold(_ code: UInt32) -> UInt32 {
        if code < 0x80 { return (0x41...0x5A).contains(code) ? code | 0x20 : code }
        guard let mapping = Unicode.Scalar(code)?.properties.lowercaseMapping, mapping.unicodeScalars.count == 1 else {
            return code
        }
        return mapping.unicodeScalars.first?.value ?? code
    }
}
