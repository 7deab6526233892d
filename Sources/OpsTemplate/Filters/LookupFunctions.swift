import OpsCore

extension FunctionTable {
    static let lookupFunctions: [FunctionDefinition] = [
        FunctionDefinition("lookup", "name *rest **options") { call in
            let wantsList = try call.option("wantlist")?.isTrue() ?? false
            return try look(call, wantsList: wantsList)
        },
        FunctionDefinition("query", "name *rest **options") { call in try look(call, wantsList: true) },
        FunctionDefinition("q", "name *rest **options") { call in try look(call, wantsList: true) },
    ]

    private static func look(_ call: Call, wantsList: Bool) throws -> JinjaValue {
        var name = try call.string(0)
        for prefix in ["ansible.builtin.", "ansible.legacy."] where name.hasPrefix(prefix) {
            name = String(name.dropFirst(prefix.count))
        }
        let errors = call.option("errors")?.text ?? "strict"
        let lookup = try named(name, call.frame.environment)
        do {
            let results = try lookup(inner(call, name))
            if wantsList { return .list(results) }
            if results.count == 1 { return results[0] }
            let texts = results.compactMap(\.text)
            return texts.count == results.count && !results.isEmpty
                ? .string(texts.joined(separator: ",")) : .list(results)
        } catch let diagnostic as Diagnostic where errors == "ignore" && diagnostic.code != "template-limit" {
            return wantsList ? .list([]) : .null
        }
    }

    private static func inner(_ call: Call, _ name: String) -> Call {
        let options = call.bound.options.filter { $0.name != "wantlist" && $0.name != "errors" }
        let bound = BoundArguments(rest: call.rest, options: options)
        return Call(subject: .null, bound: bound, frame: call.frame, name: "lookup \(name)")
    }

    private static func named(_ name: String, _ environment: TemplateEnvironment) throws -> (Call) throws ->
        [JinjaValue]
    {
        if let lookup = environment.lookups[name] {
            return { call in
                try lookup(try FunctionCall(call, includesSubject: false)).map {
                    JinjaValue($0, tracker: call.frame.tracker)
                }
            }
        }
        if let lookup = BuiltinLookups.table[name] { return lookup }
        let known = Array(environment.lookups.keys) + Array(BuiltinLookups.table.keys)
        throw Diagnostic(
            code: "template-unknown-lookup", "there is no lookup '\(name)'",
            hints: NearestName.hints(for: name, in: known.sorted()))
    }
}

/// Lookups that need nothing but values. Those that read files or the network are the program's.
enum BuiltinLookups {
    static let table: [String: @Sendable (Call) throws -> [JinjaValue]] = [
        "items": { call in call.rest.flatMap { $0.sequence?.items ?? [$0] } },
        "list": { call in call.rest },
        "flattened": { call in try call.rest.flatMap { try flattened($0, 0) } },
        "dict": { call in
            try call.rest.flatMap { $0.sequence?.items ?? [$0] }.flatMap { value -> [JinjaValue] in
                guard case .map(let map) = value else { throw call.fail("needs mappings, not \(value.kindName)") }
                return try map.items().map { .map(MapObject([("key", $0.key.value), ("value", $0.value)])) }
            }
        },
        "indexed_items": { call in
            call.rest.flatMap { $0.sequence?.items ?? [$0] }.enumerated().map { .tuple([.int($0.offset), $0.element]) }
        },
        "together": { call in
            let columns = try call.rest.map { try call.frame.iterate($0) }
            return (0..<(columns.map(\.count).max() ?? 0)).map { row in
                .list(flattenedOnce(columns.map { row < $0.count ? $0[row] : .null }))
            }
        },
        "nested": { call in
            try Combinations.product(call.rest.map { $0.sequence?.items ?? [$0] }, call)
                .map { .list(flattenedOnce(flattenedOnce($0))) }
        },
        "cartesian": { call in try Combinations.product(call.rest.map { $0.sequence?.items ?? [$0] }, call).map { .list($0) } },
        "random_choice": { call in call.rest.randomElement().map { [$0] } ?? [] },
        // All of it may be given as options.
        "sequence": { call in try (call.rest.isEmpty ? [.string("")] : call.rest).flatMap { try SequenceLookup(call, term: $0).items() } },
        "subelements": { call in
            guard call.rest.count >= 2 else { throw call.fail("needs a list and the name of its subelements") }
            guard let filter = call.frame.environment.filter("subelements") else { return [] }
            var skips = call.option("skip_missing")
            if call.rest.count > 2, case .map(let flags) = call.rest[2] { skips = try flags.value("skip_missing") }
            let arguments = Arguments(positional: [call.rest[1]], keyword: skips.map { [("skip_missing", $0)] } ?? [])
            let pairs = try filter.call(call.rest[0], arguments, call.frame).sequence?.items ?? []
            return try pairs.map { try withoutSubelements($0, call.rest[1].text ?? "") }
        },
        "vars": { call in
            try call.rest.map { term in
                guard let name = term.text else { throw call.fail("needs names of variables, not \(term.kindName)") }
                if let value = try call.frame.state.variable(name) { return value }
                if let value = call.option("default") { return value }
                throw Diagnostic(
                    code: "template-undefined", "'\(name)' is not defined",
                    hints: NearestName.hints(for: name, in: call.frame.state.scope.names.sorted()))
            }
        },
        "varnames": { call in
            let names = call.frame.state.scope.names.sorted()
            return try call.rest.flatMap { term in
                let regex = try call.frame.state.regex(term.text ?? "", ignoresCase: false, multiline: false)
                return try names.filter { try regex.search($0) != nil }.map { JinjaValue.string($0) }
            }
        },
    ]

    /// Unlike the filter, Ansible's lookup takes the list out of the element that it comes from.
    private static func withoutSubelements(_ pair: JinjaValue, _ key: String) throws -> JinjaValue {
        guard let items = pair.sequence?.items, items.count == 2, case .map(let map) = items[0] else { return pair }
        let entries = try map.items().compactMap { entry in
            entry.key.value.text.flatMap { $0 == key ? nil : ($0, entry.value) }
        }
        return .tuple([.map(MapObject(entries)), items[1]])
    }

    private static func flattenedOnce(_ items: [JinjaValue]) -> [JinjaValue] { items.flatMap { $0.sequence?.items ?? [$0] } }

    private static func flattened(_ value: JinjaValue, _ depth: Int) throws -> [JinjaValue] {
        guard depth < Limits.maximumValueDepth else { throw Limits.tooDeep }
        guard let list = value.sequence else { return value.isNull || value.text == "None" ? [] : [value] }
        try WalkBudget.visit(list.count)
        return try list.items.flatMap { try flattened($0, depth + 1) }
    }
}

/// `lookup('sequence', 'start=1 end=5 stride=2 format=host%02d')`, also as `1-5/2:host%02d`.
struct SequenceLookup {
    private var start = 1
    private var end: Int?
    private var count: Int?
    private var stride = 1
    private var format = "%d"
    private let frame: Frame

    init(_ call: Call, term: JinjaValue) throws {
        frame = call.frame
        for (name, value) in call.bound.options { try set(name, try value.printed(), call) }
        let text = try term.printed()
        if text.contains("=") {
            for word in PythonText.splitSpace(text) {
                let parts = word.splitText("=", limit: 1)
                guard parts.count == 2 else { throw call.fail("'\(word)' is not 'key=value'") }
                try set(parts[0], parts[1], call)
            }
        } else if !text.isEmpty {
            try readShortcut(text, call)
        }
        if let count { end = count == 0 ? start - stride : start + (count - 1) * stride }
        guard end != nil else { throw call.fail("needs end or count") }
    }

    private mutating func set(_ name: String, _ value: String, _ call: Call) throws {
        if name == "format" { format = value; return }
        guard let number = try PythonNumber.parseInteger(value), number.magnitude < 1 << 40 else {
            throw call.fail("'\(name)' must be an integer")
        }
        switch name {
        case "start": start = number
        case "end": end = number
        case "count": count = number
        case "stride": stride = number
        default:
            throw call.fail(
                "has no option '\(name)'",
                hints: NearestName.hints(for: name, in: ["start", "end", "count", "stride", "format"]))
        }
    }

    /// `[start-]end[/stride][:format]`.
    private mutating func readShortcut(_ text: String, _ call: Call) throws {
        let parts = text.splitText(":", limit: 1)
        if parts.count == 2 { format = parts[1] }
        let steps = parts[0].splitText("/", limit: 1)
        if steps.count == 2 { try set("stride", steps[1], call) }
        let bounds = steps[0].splitText("-", limit: 1)
        if bounds.count == 2 { try set("start", bounds[0], call) }
        try set("end", bounds[bounds.count - 1], call)
    }

    func items() throws -> [JinjaValue] {
        let end = end ?? start
        if stride == 0 || (stride > 0 && end < start) || (stride < 0 && end > start) {
            if count == 0 || stride == 0 { return [] }
            throw Diagnostic(
                code: "template-value",
                "'lookup sequence': to count backwards make the stride negative, and forwards positive")
        }
        let range = RangeValue(start: start, stop: end + (stride > 0 ? 1 : -1), step: stride)
        try frame.state.charge(range.count)
        return try (0..<range.count).map { .string(try PercentFormat.format(format, .int(range[$0]), limit: 10_000)) }
    }
}
