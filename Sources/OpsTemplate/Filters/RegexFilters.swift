import OpsCore

extension Call {
    /// The expression at argument `index`, compiled once for each rendering.
    func regex(_ index: Int, ignoresCase: Bool, multiline: Bool) throws -> PythonRegex {
        try frame.state.regex(try string(index, default: ""), ignoresCase: ignoresCase, multiline: multiline)
    }
}

extension FunctionTable {
    static let regexFilters: [FunctionDefinition] = [
        FunctionDefinition("regex_replace", "pattern? replacement? ignorecase? multiline? count? mandatory_count?") {
            call in
            let regex = try call.regex(0, ignoresCase: call.bool(2), multiline: call.bool(3))
            let replacement = try RegexReplacement(call.string(1, default: ""), regex.program)
            let (text, count) = try regex.substitute(
                call.subjectPrinted(), with: replacement, limit: call.int(4, default: 0),
                maximumSize: call.frame.state.limits.outputSize)
            let mandatory = try call.int(5, default: 0)
            if mandatory != 0, mandatory != count {
                throw call.fail("should match \(mandatory) times, but matches \(count) times")
            }
            return .string(text)
        },
        FunctionDefinition("regex_search", "regex *rest **options") { call in
            let ignoresCase = try call.option("ignorecase")?.isTrue() ?? false
            let multiline = try call.option("multiline")?.isTrue() ?? false
            let regex = try call.regex(0, ignoresCase: ignoresCase, multiline: multiline)
            let names = try call.rest.map { try groupName($0, call) }
            guard let match = try regex.search(call.subjectPrinted()) else { return .null }
            let wanted = try names.map { try groupNumber($0, regex, call) }
            if wanted.isEmpty { return .string(match.group(0) ?? "") }
            return .list(wanted.map { number in match.group(number).map { .string($0) } ?? .null })
        },
        FunctionDefinition("regex_findall", "regex multiline? ignorecase?") { call in
            let regex = try call.regex(0, ignoresCase: call.bool(2), multiline: call.bool(1))
            let count = regex.program.groupCount
            return .list(try regex.matches(call.subjectPrinted()).map { match in
                if count < 2 { return .string(match.group(count) ?? "") }
                return .tuple((1...count).map { .string(match.group($0) ?? "") })
            })
        },
        FunctionDefinition("regex_escape", "re_type?") { call in
            let text = try call.subjectPrinted()
            switch try call.string(0, default: "python") {
            case "python": return .string(escaped(text, Set("()[]{}?*+-|^$\\.&~# \t\n\r\u{0B}\u{0C}".unicodeScalars)))
            case "posix_basic": return .string(escaped(text, Set("].[^$*\\".unicodeScalars)))
            case let other:
                throw call.fail("the regex type '\(other)' is not supported", hints: ["use python or posix_basic"])
            }
        },
    ]

    private static func groupName(_ value: JinjaValue, _ call: Call) throws -> String {
        guard let text = value.text, text.hasPrefix("\\") else {
            throw call.fail("groups are named as '\\\\1' or '\\\\g<name>'")
        }
        var name = String(text.dropFirst())
        if name.hasPrefix("g<"), name.hasSuffix(">") { name = String(name.dropFirst(2).dropLast()) }
        return name
    }

    private static func groupNumber(_ name: String, _ regex: PythonRegex, _ call: Call) throws -> Int {
        guard let number = Int(name) ?? regex.program.groupNames[name], (0...regex.program.groupCount).contains(number)
        else {
            throw call.fail("there is no group '\(name)'")
        }
        return number
    }

    private static func escaped(_ text: String, _ special: Set<Unicode.Scalar>) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if special.contains(scalar) { result.append("\\") }
            result.append(scalar)
        }
        return String(result)
    }

    private static func regexTest(_ name: String, _ matches: @escaping @Sendable (PythonRegex, String) throws -> Bool)
        -> FunctionDefinition
    {
        FunctionDefinition(name, "pattern? ignorecase? multiline?") { call in
            let regex = try call.regex(0, ignoresCase: call.bool(1), multiline: call.bool(2))
            return .bool(try matches(regex, try call.subjectPrinted()))
        }
    }

    static let regexTests: [FunctionDefinition] = [
        regexTest("match") { try $0.matchesStart($1) },
        regexTest("search") { try $0.search($1) != nil },
        FunctionDefinition("regex", "pattern? ignorecase? multiline? match_type?") { call in
            let regex = try call.regex(0, ignoresCase: call.bool(1), multiline: call.bool(2))
            let text = try call.subjectPrinted()
            switch try call.string(3, default: "search") {
            case "match": return .bool(try regex.matchesStart(text))
            case "fullmatch": return .bool(try regex.matchesWhole(text))
            default: return .bool(try regex.search(text) != nil)
            }
        },
    ]
}
