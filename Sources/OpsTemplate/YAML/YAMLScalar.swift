/// What a text looks like to a YAML emitter: which styles can hold it. As libyaml analyses it.
struct YAMLScalar {
    let text: String
    let isMultiline: Bool
    let allowsFlowPlain: Bool
    let allowsBlockPlain: Bool
    let allowsSingleQuoted: Bool
    let allowsBlock: Bool

    init(_ text: String, allowsUnicode: Bool) {
        self.text = text
        let scalars = Array(text.unicodeScalars)
        if scalars.isEmpty {
            (isMultiline, allowsFlowPlain, allowsBlockPlain, allowsSingleQuoted, allowsBlock) = (
                false, false, true, true, false
            )
            return
        }
        var (flowIndicators, blockIndicators) = YAMLScalar.indicators(scalars)
        if text.hasPrefix("---") || text.hasPrefix("...") { (flowIndicators, blockIndicators) = (true, true) }
        let special = scalars.contains { !YAMLScalar.isPrintable($0) || (!allowsUnicode && !$0.isASCII) }
        let breaks = scalars.contains(where: YAMLScalar.isBreak)
        var (spaceBreak, breakSpace) = (false, false)
        for (previous, next) in zip(scalars, scalars.dropFirst()) {
            if previous == " ", YAMLScalar.isBreak(next) { spaceBreak = true }
            if YAMLScalar.isBreak(previous), next == " " { breakSpace = true }
        }
        let edges = [scalars[0], scalars[scalars.count - 1]]
        let bareEdges = edges.allSatisfy { $0 != " " && !YAMLScalar.isBreak($0) }
        let odd = spaceBreak || special
        let plain = bareEdges && !breakSpace && !odd && !breaks
        isMultiline = breaks
        allowsFlowPlain = plain && !flowIndicators
        allowsBlockPlain = plain && !blockIndicators
        allowsSingleQuoted = !breakSpace && !odd
        allowsBlock = edges[1] != " " && !odd
    }

    private static func indicators(_ scalars: [Unicode.Scalar]) -> (flow: Bool, block: Bool) {
        var (flow, block) = (false, false)
        for (index, scalar) in scalars.enumerated() {
            let isFollowedBySpace = index + 1 >= scalars.count || isBlank(scalars[index + 1])
            let isFirst = index == 0
            switch scalar {
            case "#" where isFirst || isBlank(scalars[index - 1]): (flow, block) = (true, true)
            case ",", "[", "]", "{", "}":
                flow = true
                if isFirst { block = true }
            case "&", "*", "!", "|", ">", "'", "\"", "%", "@", "`":
                if isFirst { (flow, block) = (true, true) }
            case "?":
                flow = true
                if isFirst, isFollowedBySpace { block = true }
            case ":":
                flow = true
                if isFollowedBySpace { block = true }
            case "-" where isFirst && isFollowedBySpace: (flow, block) = (true, true)
            default: break
            }
        }
        return (flow, block)
    }

    static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
        ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalar)
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\t" || scalar == "\0" || isBreak(scalar)
    }

    /// libyaml escapes what lies beyond the basic plane.
    static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0xE000...0xFFFD: scalar != "\u{FEFF}"
        default: false
        }
    }

    // MARK: Plain texts that are not strings

    /// What YAML 1.1 takes a plain text for besides strings, as PyYAML's resolver has it.
    private static let resolvers: [PythonRegex] = [
        #"(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)"#,
        #"(?:[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))"#,
        #"(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)"#,
        #"(?:<<|=|~|null|Null|NULL|)"#,
        #"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9][0-9]?-[0-9][0-9]?(?:[Tt]|[ \t]+)[0-9][0-9]?:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9][0-9]?(?::[0-9]{2})?))?)"#,
    ].compactMap { try? PythonRegex($0, flags: RegexParser.Flags(), stepLimit: 100_000) }

    /// Whether the text would be read back as something other than a string if it were not quoted.
    var needsQuotes: Bool {
        guard let first = text.utf8.first else { return true }
        guard text.utf8.count < 64, Lexer.isDigit(first) || "yYnNtTfFoO+-.~<=".utf8.contains(first) else {
            return false
        }
        return YAMLScalar.resolvers.contains { (try? $0.matchesWhole(text)) ?? true }
    }
}
