import OpsCore

/// Reads Python's regular expression syntax.
struct RegexParser {
    struct Flags {
        var ignoresCase = false
        var multiline = false
        var dotMatchesAll = false
        var verbose = false
    }

    var scalars: [Unicode.Scalar]
    var index = 0
    var flags: Flags
    private(set) var groupCount = 0
    private(set) var groupNames: [String: Int] = [:]
    private var openGroups: Set<Int> = []
    private var depth = 0

    init(_ pattern: String, flags: Flags) {
        scalars = Array(pattern.unicodeScalars)
        self.flags = flags
    }

    mutating func parse() throws -> RegexNode {
        let node = try parseAlternatives()
        guard index == scalars.count else { throw fail("unbalanced parenthesis") }
        return node
    }

    func fail(_ message: String) -> Diagnostic {
        Diagnostic(code: "template-regex", "in the regular expression, at character \(index + 1): \(message)")
    }

    var current: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard current == scalar else { return false }
        index += 1
        return true
    }

    mutating func take(_ text: String) -> Bool {
        guard scalars[index...].starts(with: text.unicodeScalars) else { return false }
        index += text.unicodeScalars.count
        return true
    }

    private mutating func parseAlternatives() throws -> RegexNode {
        guard depth < 100 else { throw fail("groups nest too deep, the limit is 100 levels") }
        depth += 1
        defer { depth -= 1 }
        var branches = [try parseSequence()]
        while take("|") { branches.append(try parseSequence()) }
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func parseSequence() throws -> RegexNode {
        var parts: [RegexNode] = []
        while let scalar = current, scalar != "|", scalar != ")" {
            if flags.verbose, skipVerbose(scalar) { continue }
            guard let atom = try parseAtom() else { continue }
            parts.append(try parseQuantifiers(atom))
        }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func skipVerbose(_ scalar: Unicode.Scalar) -> Bool {
        if PythonText.isSpace(scalar) { index += 1; return true }
        guard scalar == "#" else { return false }
        while let next = current, next != "\n" { _ = next; index += 1 }
        return true
    }

    /// One atom; nil for what matches nothing, such as a comment or flags.
    private mutating func parseAtom() throws -> RegexNode? {
        guard let scalar = current else { return nil }
        index += 1
        switch scalar {
        case ".": return .any(matchesNewline: flags.dotMatchesAll)
        case "^": return .assertion(flags.multiline ? .lineStart : .textStart)
        case "$": return .assertion(flags.multiline ? .lineEnd : .textEndOrLastNewline)
        case "(": return try parseGroup()
        case "[": return .set(try parseSet())
        case "\\": return try parseEscape()
        case "*", "+", "?":
            index -= 1
            throw fail("nothing to repeat")
        default: return .scalar(scalar.value, ignoresCase: flags.ignoresCase)
        }
    }

    private mutating func parseQuantifiers(_ atom: RegexNode) throws -> RegexNode {
        if flags.verbose { while let scalar = current, skipVerbose(scalar) {} }
        guard let (min, max) = try parseBounds() else { return atom }
        let kind: RegexNode.Greediness = take("?") ? .lazy : take("+") ? .possessive : .greedy
        if try parseBounds() != nil { throw fail("multiple repeat") }
        return .repeat(atom, min: min, max: max, kind: kind)
    }

    private mutating func parseBounds() throws -> (min: Int, max: Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        let start = index
        guard take("{") else { return nil }
        let low = parseNumber()
        let hasComma = take(",")
        let high = hasComma ? parseNumber() : low
        guard take("}"), low != nil || hasComma else {
            index = start
            return nil
        }
        guard low ?? 0 <= 1000, high ?? 0 <= 1000 else { throw fail("the repetition is too large, the limit is 1000") }
        if let low, let high, low > high { throw fail("min repeat greater than max repeat") }
        return (low ?? 0, high)
    }

    mutating func parseNumber() -> Int? {
        var number: Int?
        while let scalar = current, ("0"..."9").contains(scalar), (number ?? 0) < 100_000 {
            number = (number ?? 0) * 10 + Int(scalar.value - 0x30)
            index += 1
        }
        return number
    }

    // MARK: Groups

    private mutating func parseGroup() throws -> RegexNode? {
        guard take("?") else { return try parseCapture(name: nil) }
        if take(":") { return try closed { try $0.parseAlternatives() } }
        if take("P<") { return try parseCapture(name: try parseName(end: ">")) }
        if take("P=") {
            let name = try parseName(end: ")")
            guard let number = groupNames[name] else { throw fail("unknown group name '\(name)'") }
            return .backreference(number, ignoresCase: flags.ignoresCase)
        }
        if take("#") {
            while let scalar = current, scalar != ")" { _ = scalar; index += 1 }
            guard take(")") else { throw fail("missing ), unterminated comment") }
            return nil
        }
        if take(">") { return .atomic(try closed { try $0.parseAlternatives() }) }
        if take("=") { return .look(try closed { try $0.parseAlternatives() }, isAhead: true, isNegative: false) }
        if take("!") { return .look(try closed { try $0.parseAlternatives() }, isAhead: true, isNegative: true) }
        if take("<=") { return try parseLookbehind(isNegative: false) }
        if take("<!") { return try parseLookbehind(isNegative: true) }
        if take("(") { return try parseConditional() }
        return try parseFlags()
    }

    /// Parses up to the closing parenthesis; flags set inside end with the group.
    private mutating func closed(_ body: (inout RegexParser) throws -> RegexNode) throws -> RegexNode {
        let outer = flags
        let node = try body(&self)
        guard take(")") else { throw fail("missing ), unterminated subpattern") }
        flags = outer
        return node
    }

    private mutating func parseCapture(name: String?) throws -> RegexNode {
        groupCount += 1
        let number = groupCount
        guard number <= 200 else { throw fail("too many groups, the limit is 200") }
        if let name {
            guard groupNames.updateValue(number, forKey: name) == nil else {
                throw fail("redefinition of group name '\(name)'")
            }
        }
        openGroups.insert(number)
        let inner = try closed { try $0.parseAlternatives() }
        openGroups.remove(number)
        return .group(inner, number: number)
    }

    private mutating func parseName(end: Unicode.Scalar) throws -> String {
        var name = ""
        while let scalar = current, scalar != end {
            name.unicodeScalars.append(scalar)
            index += 1
        }
        guard take(end), let first = name.unicodeScalars.first, first.properties.isXIDStart || first == "_",
            name.unicodeScalars.allSatisfy({ $0.properties.isXIDContinue })
        else { throw fail("bad character in group name") }
        return name
    }

    private mutating func parseLookbehind(isNegative: Bool) throws -> RegexNode {
        let inner = try closed { try $0.parseAlternatives() }
        guard inner.fixedWidth != nil else { throw fail("look-behind requires fixed-width pattern") }
        return .look(inner, isAhead: false, isNegative: isNegative)
    }

    private mutating func parseConditional() throws -> RegexNode {
        let number: Int
        if let digits = parseNumber() {
            guard take(")") else { throw fail("missing ), unterminated name") }
            number = digits
        } else {
            let name = try parseName(end: ")")
            guard let known = groupNames[name] else { throw fail("unknown group name '\(name)'") }
            number = known
        }
        guard number >= 1, number <= groupCount else { throw fail("invalid group reference \(number)") }
        let then = try parseSequence()
        let otherwise = take("|") ? try parseSequence() : .empty
        guard take(")") else { throw fail("conditional backref with more than two branches") }
        return .conditional(group: number, then: then, otherwise: otherwise)
    }

    /// `(?i)` for the whole expression, `(?i:…)` and `(?-i:…)` for a part.
    private mutating func parseFlags() throws -> RegexNode? {
        let start = index - 2
        var (changed, isOn, sawAny) = (flags, true, false)
        while let scalar = current, scalar != ":", scalar != ")" {
            index += 1
            switch scalar {
            case "i": changed.ignoresCase = isOn
            case "m": changed.multiline = isOn
            case "s": changed.dotMatchesAll = isOn
            case "x": changed.verbose = isOn
            case "a", "u", "L": break
            case "-" where isOn: isOn = false
            default: throw fail("unknown extension ?\(scalar)")
            }
            sawAny = true
        }
        guard sawAny else { throw fail("unexpected end of pattern") }
        if take(")") {
            guard start == 0, isOn else { throw fail("global flags not at the start of the expression") }
            flags = changed
            return nil
        }
        guard take(":") else { throw fail("missing -, : or )") }
        return try closed { parser in
            parser.flags = changed
            return try parser.parseAlternatives()
        }
    }

    func isOpen(_ group: Int) -> Bool { openGroups.contains(group) }
}
