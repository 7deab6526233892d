import OpsCore

/// Ansible's `version` test: versions become values that compare as the versions do.
enum VersionTest {
    private static let operators: [String: ComparisonOperator] = [
        "==": .equal, "=": .equal, "eq": .equal, "<": .less, "lt": .less, "<=": .lessEqual, "le": .lessEqual,
        ">": .greater,
        "gt": .greater, ">=": .greaterEqual, "ge": .greaterEqual, "!=": .notEqual, "<>": .notEqual, "ne": .notEqual,
    ]

    private static let types: [String: @Sendable (String) -> JinjaValue?] = [
        "loose": loose, "strict": strict, "semver": semantic, "semantic": semantic, "pep440": pep440,
    ]

    static func evaluate(_ call: Call) throws -> JinjaValue {
        let name = try call.string(1, default: "eq")
        guard let comparison = operators[name] else {
            throw call.fail("there is no operator '\(name)'", hints: ["use one of ==, !=, <, <=, >, >="])
        }
        if call.given(2) != nil, call.given(3) != nil { throw call.fail("takes either strict or version_type") }
        let kind =
            try call.given(2).map { try $0.isTrue() } == true ? "strict" : try call.given(3)?.printed() ?? "loose"
        guard let parse = types[kind] else {
            throw call.fail(
                "there is no version type '\(kind)'", hints: NearestName.hints(for: kind, in: types.keys.sorted()))
        }
        let (left, right) = (try call.subjectPrinted(), try call.argument(0).printed())
        guard !left.isEmpty, !right.isEmpty else { throw call.fail("a version is empty") }
        guard let a = parse(left), let b = parse(right) else { throw call.fail("a version is not valid as '\(kind)'") }
        return .bool(try JinjaValue.compare(comparison, a, b, call.frame))
    }

    private static func number(_ digits: some StringProtocol) -> JinjaValue? { Int(digits).map { .int($0) } }

    private static func groups(_ pattern: String, _ text: String) -> PythonRegex.Match? {
        let regex = try? PythonRegex(pattern, flags: RegexParser.Flags(ignoresCase: true), stepLimit: 100_000)
        guard let match = try? regex?.search(text), match.range == 0..<match.text.count else { return nil }
        return match
    }

    /// Runs of digits as numbers, everything else but dots as text.
    private static let loose: @Sendable (String) -> JinjaValue? = { text in
        var parts: [JinjaValue] = []
        var rest = text[...]
        func kind(_ character: Character) -> Int {
            guard character.isASCII else { return 3 }
            return character.isNumber ? 0 : character.isLowercase ? 1 : character == "." ? 2 : 3
        }
        while let first = rest.first {
            let run = rest.prefix { kind($0) == kind(first) }
            rest = rest[run.endIndex...]
            if kind(first) != 2 { parts.append((kind(first) == 0 ? number(run) : nil) ?? .string(String(run))) }
        }
        return .list(parts)
    }

    private static let strict: @Sendable (String) -> JinjaValue? = { text in
        guard let match = groups(#"(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?"#, text) else { return nil }
        let core = (1...3).map { match.group($0).flatMap(number) ?? .int(0) }
        guard let letter = match.group(4) else { return .tuple([.tuple(core), .int(1)]) }
        return .tuple([.tuple(core), .int(0), .string(letter), match.group(5).flatMap(number) ?? .int(0)])
    }

    private static let semantic: @Sendable (String) -> JinjaValue? = { text in
        let pattern =
            #"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?"#
        guard let match = groups(pattern, text) else { return nil }
        let core = (1...3).map { match.group($0).flatMap(number) ?? .int(0) }
        guard let pre = match.group(4) else { return .tuple([.tuple(core), .int(1)]) }
        let parts: [JinjaValue] = pre.splitText(".").map { part in
            number(part).map { .tuple([.int(0), $0]) } ?? .tuple([.int(1), .string(part)])
        }
        return .tuple([.tuple(core), .int(0), .list(parts)])
    }

    private static let pep440: @Sendable (String) -> JinjaValue? = { text in
        let pattern =
            #"v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(alpha|beta|preview|pre|rc|a|b|c)[-_.]?(\d*))?(?:-(\d+)|[-_.]?(?:post|rev|r)[-_.]?(\d*))?([-_.]?dev[-_.]?(\d*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?"#
        guard let match = groups(pattern, PythonText.strip(text)) else { return nil }
        func integer(_ group: Int) -> Int? { match.group(group).map { Int($0) ?? 0 } }
        var release = (match.group(2) ?? "").splitText(".").map { Int($0) ?? 0 }
        while release.last == 0, release.count > 1 { release.removeLast() }
        let letters = ["alpha": 0, "a": 0, "beta": 1, "b": 1, "preview": 2, "pre": 2, "rc": 2, "c": 2]
        let post = integer(5) ?? integer(6)
        let dev = match.group(7) == nil ? nil : integer(8) ?? 0
        let pre = match.group(3).flatMap { letters[$0.lowercased()] }
        // A bare development release comes before pre-releases, a final one after them.
        let preKey = pre.map { [$0, integer(4) ?? 0] } ?? (post == nil && dev != nil ? [-1, 0] : [9, 0])
        let local: [JinjaValue] = (match.group(9) ?? "").lowercased().splitText(".").filter { !$0.isEmpty }.map {
            part in
            number(part).map { .tuple([.int(1), $0]) } ?? .tuple([.int(0), .string(part)])
        }
        return .tuple([
            .int(integer(1) ?? 0), .list(release.map { .int($0) }), .list(preKey.map { .int($0) }), .int(post ?? -1),
            .int(dev ?? .max),
            .list(local),
        ])
    }
}
