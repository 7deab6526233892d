import OpsCore

extension FunctionTable {
    static let length = FunctionDefinition("length") { call in .int(try count(call)) }

    static let sequenceFilters: [FunctionDefinition] = [
        length, alias("count", length),
        FunctionDefinition("first") { call in try edge(call, last: false) },
        FunctionDefinition("last") { call in try edge(call, last: true) },
        FunctionDefinition("list") { call in .list(try call.subjectItems()) },
        FunctionDefinition("items") { call in
            guard case .map(let map) = call.subject else {
                throw call.fail("needs a mapping, not \(call.subject.kindName)")
            }
            return .list(ListObject(pairs: try map.pairs()))
        },
        FunctionDefinition("join", "d? attribute?") { call in try join(call) },
        FunctionDefinition("reverse") { call in
            guard call.subject.isText else { return .list(try call.subjectItems().reversed()) }
            return call.subject.withText(String(String.UnicodeScalarView(try call.subjectText().unicodeScalars.reversed())))
        },
        FunctionDefinition("batch", "linecount fill_with?") { call in
            let (size, items) = (try call.int(0), try call.subjectItems())
            guard size > 0 else { throw call.fail("the line count must be positive") }
            var lines = stride(from: 0, to: items.count, by: size).map {
                Array(items[$0..<min($0 + size, items.count)])
            }
            if let fill = call.given(1), let last = lines.popLast() {
                try call.frame.state.charge(size)
                lines.append(last + Array(repeating: fill, count: size - last.count))
            }
            return .list(lines.map { .list($0) })
        },
        FunctionDefinition("slice", "slices fill_with?") { call in
            let (slices, items) = (try call.int(0), try call.subjectItems())
            guard slices > 0 else { throw call.fail("the number of slices must be positive") }
            try call.frame.state.charge(slices)
            let (size, extra) = (items.count / slices, items.count % slices)
            var start = 0
            return .list((0..<slices).map { index in
                let end = start + size + (index < extra ? 1 : 0)
                defer { start = end }
                var part = Array(items[start..<end])
                if let fill = call.given(1), index >= extra { part.append(fill) }
                return .list(part)
            })
        },
        FunctionDefinition("sort", "reverse? case_sensitive? attribute?") { call in
            let key = try SortKey(call.given(2), caseSensitive: call.bool(1))
            return .list(
                try Sorting.sorted(call.subjectItems(), reverse: call.bool(0)) { try key.value(of: $0, call.frame) })
        },
        FunctionDefinition("dictsort", "case_sensitive? by? reverse?") { call in
            guard case .map(let map) = call.subject else {
                throw call.fail("needs a mapping, not \(call.subject.kindName)")
            }
            let by = try call.string(1, default: "key")
            guard by == "key" || by == "value" else { throw call.fail("sorts by 'key' or 'value'") }
            let key = try SortKey(nil, caseSensitive: call.bool(0))
            let sorted = try Sorting.sorted(map.pairs().all, reverse: call.bool(2)) { pair in
                try key.value(of: by == "key" ? pair.key : pair.value, call.frame)
            }
            return .list(ListObject(pairs: .made(sorted)))
        },
        FunctionDefinition("min", "case_sensitive? attribute?") { call in try extreme(call, isMaximum: false) },
        FunctionDefinition("max", "case_sensitive? attribute?") { call in try extreme(call, isMaximum: true) },
        FunctionDefinition("unique", "case_sensitive? attribute?") { call in
            let key = try SortKey(call.given(1), caseSensitive: call.bool(0))
            return .list(try distinct(call.subjectItems()) { try key.value(of: $0, call.frame) })
        },
    ]

    static func count(_ call: Call) throws -> Int {
        switch call.subject {
        case .string, .markup, .secret: return call.frame.state.characters.count(call.subject.comparableText ?? "")
        case .list(let list), .tuple(let list): return list.count
        case .map(let map): return map.count
        case .range(let range): return range.count
        case .object(let object as any IterableObject): return try object.items(call.frame).count
        default: throw call.fail("\(call.subject.kindName) has no length")
        }
    }

    private static func edge(_ call: Call, last: Bool) throws -> JinjaValue {
        let items = try call.subjectItems()
        if let item = last ? items.last : items.first {
            if last, case .markup = call.subject { return .markup(try item.printed()) }
            return item
        }
        let name = call.name
        return .undefined(UndefinedValue(name: name) {
            Diagnostic(code: "template-undefined", "the sequence is empty, there is no \(name) item")
        })
    }

    private static func join(_ call: Call) throws -> JinjaValue {
        let separator = try call[0]?.printed() ?? ""
        var items = try call.subjectItems()
        if let attribute = call.given(1) {
            let path = try AttributePath(attribute)
            items = try items.map { try path.value(of: $0, call.frame) }
        }
        guard call.frame.autoescape else {
            return .string(try call.joined(items.map { try $0.printed() }, separator: separator))
        }
        let escapedSeparator: String = if case .markup? = call[0] { separator } else { HTML.escape(separator) }
        return .markup(try call.joined(items.map { try escapedText($0) }, separator: escapedSeparator))
    }

    private static func extreme(_ call: Call, isMaximum: Bool) throws -> JinjaValue {
        let key = try SortKey(call.given(1), caseSensitive: call.bool(0))
        var best: (key: JinjaValue, value: JinjaValue)?
        for item in try call.subjectItems() {
            let candidate = try key.value(of: item, call.frame)
            guard let current = best else { best = (candidate, item); continue }
            if try isMaximum ? current.key.isLess(than: candidate) : candidate.isLess(than: current.key) {
                best = (candidate, item)
            }
        }
        return best?.value ?? .undefined(UndefinedValue(name: call.name) {
            Diagnostic(code: "template-undefined", "no aggregated item, the sequence is empty")
        })
    }

    /// The items without those whose key was there before.
    static func distinct(_ items: [JinjaValue], key: (JinjaValue) throws -> JinjaValue = { $0 }) throws -> [JinjaValue]
    {
        var seen: Set<MapKey> = []
        return try items.filter { seen.insert(MapKey(try key($0))).inserted }
    }
}

/// By what `sort`, `unique`, `min`, `max` and `groupby` compare: attributes, and letters without case.
struct SortKey {
    private let paths: [AttributePath]
    private let caseSensitive: Bool
    private let defaultValue: JinjaValue?

    /// - Parameter attribute: a path, several separated by commas, or nil for the item itself.
    init(_ attribute: JinjaValue?, caseSensitive: Bool, default defaultValue: JinjaValue? = nil) throws {
        self.caseSensitive = caseSensitive
        self.defaultValue = defaultValue
        if let text = attribute?.text {
            paths = try text.splitText(",").map { try AttributePath(.string($0)) }
        } else {
            paths = try attribute.map { [try AttributePath($0)] } ?? []
        }
    }

    func value(of item: JinjaValue, _ frame: Frame) throws -> JinjaValue {
        switch paths.count {
        case 0: return folded(item)
        case 1: return folded(try paths[0].value(of: item, frame, default: defaultValue))
        default: return .list(try paths.map { folded(try $0.value(of: item, frame, default: defaultValue)) })
        }
    }

    private func folded(_ value: JinjaValue) -> JinjaValue {
        guard !caseSensitive, let text = value.comparableText else { return value }
        return .string(text.lowercased())
    }
}
