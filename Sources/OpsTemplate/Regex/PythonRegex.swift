import OpsCore

/// Python's `re` on text: search, match, find all, substitute.
struct PythonRegex {
    let program: RegexProgram
    private let stepLimit: Int

    /// What matched: the bounds of each group, -1 where it did not take part.
    struct Match {
        let groups: [Int]
        let text: [UInt32]

        var range: Range<Int> { groups[0]..<groups[1] }

        /// The text of a group; nil if it did not take part.
        func group(_ number: Int) -> String? {
            guard number * 2 + 1 < groups.count, groups[number * 2] >= 0, groups[number * 2 + 1] >= 0 else {
                return nil
            }
            return PythonRegex.string(text[groups[number * 2]..<groups[number * 2 + 1]])
        }
    }

    init(_ pattern: String, flags: RegexParser.Flags, stepLimit: Int) throws {
        program = try RegexProgram(pattern, flags: flags)
        self.stepLimit = stepLimit
    }

    static func string(_ codes: ArraySlice<UInt32>) -> String {
        var scalars = String.UnicodeScalarView()
        for code in codes { if let scalar = Unicode.Scalar(code) { scalars.append(scalar) } }
        return String(scalars)
    }

    func search(_ text: String) throws -> Match? {
        let codes = text.unicodeScalars.map(\.value)
        var matcher = RegexMatcher(program, codes, steps: stepLimit)
        return try matcher.search(from: 0) ? Match(groups: matcher.groups, text: codes) : nil
    }

    func matchesStart(_ text: String) throws -> Bool {
        var matcher = RegexMatcher(program, text.unicodeScalars.map(\.value), steps: stepLimit)
        return try matcher.match(at: 0)
    }

    func matchesWhole(_ text: String) throws -> Bool {
        let codes = text.unicodeScalars.map(\.value)
        var matcher = RegexMatcher(program, codes, steps: stepLimit)
        return try matcher.match(at: 0, requiredEnd: codes.count)
    }

    /// All matches from left to right that do not overlap. After an empty match the next one at the same
    /// place must not be empty.
    func matches(_ text: String, limit: Int = 0) throws -> [Match] {
        let codes = text.unicodeScalars.map(\.value)
        var matcher = RegexMatcher(program, codes, steps: stepLimit)
        var matches: [Match] = []
        var position = 0
        while limit == 0 || matches.count < limit, try matcher.search(from: position) {
            let match = Match(groups: matcher.groups, text: codes)
            matches.append(match)
            position = match.range.upperBound
            matcher.refusedEnd = match.range.isEmpty ? position : nil
        }
        return matches
    }

    /// What `re.sub` gives, and how many replacements it made.
    func substitute(_ text: String, with replacement: RegexReplacement, limit: Int, maximumSize: Int) throws -> (
        text: String, count: Int
    ) {
        let found = try matches(text, limit: max(0, limit))
        let codes = text.unicodeScalars.map(\.value)
        var result = ""
        var position = 0
        for match in found {
            result += PythonRegex.string(codes[position..<match.range.lowerBound])
            result += replacement.text(for: match)
            position = match.range.upperBound
            if result.utf8.count > maximumSize { throw Limits.exceeded("the text is too large, in bytes", maximumSize) }
        }
        return (result + PythonRegex.string(codes[position...]), found.count)
    }
}
