import OpsCore

extension FunctionTable {
    /// Ansible's filters on lists and mappings.
    static let groupingFilters: [FunctionDefinition] = [
        FunctionDefinition("combine", "*rest **options") { call in
            if let unknown = call.bound.options.first(where: { $0.name != "recursive" && $0.name != "list_merge" }) {
                throw call.fail(
                    "has no argument '\(unknown.name)'",
                    hints: NearestName.hints(for: unknown.name, in: ["recursive", "list_merge"]))
            }
            let merge = try MapMerge(
                recursive: call.option("recursive")?.isTrue() ?? false,
                lists: call.option("list_merge")?.text ?? "replace")
            var maps: [MapObject] = []
            for value in [call.subject] + call.rest {
                for candidate in value.sequence?.items ?? [value] where !isSkipped(candidate) {
                    guard case .map(let map) = candidate else {
                        throw call.fail("needs mappings, not \(candidate.kindName)")
                    }
                    maps.append(map)
                }
            }
            // From the highest precedence down, as Ansible does: 'merged' makes a difference of equal mappings.
            return .map(try maps.dropLast().reversed().reduce(maps.last ?? MapObject()) { try merge.merged($1, $0) })
        },
        FunctionDefinition("dict2items", "key_name? value_name?") { call in
            guard case .map(let map) = call.subject else {
                throw call.fail("needs a mapping, not \(call.subject.kindName)")
            }
            let (key, value) = (try call.string(0, default: "key"), try call.string(1, default: "value"))
            return .list(try map.items().map { .map(MapObject([(key, $0.key.value), (value, $0.value)])) })
        },
        FunctionDefinition("items2dict", "key_name? value_name?") { call in
            let (key, value) = (try call.string(0, default: "key"), try call.string(1, default: "value"))
            guard let list = call.subject.sequence else {
                throw call.fail("needs a list, not \(call.subject.kindName)")
            }
            var result = MapObject.Items()
            for item in list.items {
                guard case .map(let map) = item, let name = try map.value(key), let content = try map.value(value)
                else {
                    throw call.fail("every item must be a mapping with '\(key)' and '\(value)'")
                }
                result[try MapKey.checked(name)] = content
            }
            return .map(MapObject(result))
        },
        FunctionDefinition("flatten", "levels? skip_nulls?") { call in
            .list(
                try flattened(
                    call.subjectItems(), levels: call.given(0)?.integer, skipNulls: call.bool(1, default: true), call))
        },
        FunctionDefinition("subelements", "subelements skip_missing?") { call in .list(try subelements(call)) },
        FunctionDefinition("extract", "container morekeys?") { call in
            var keys = [call.subject]
            if let more = call.given(1) {
                if case .list(let list) = more { keys += list.items } else { keys.append(more) }
            }
            var value = try call.argument(0)
            for key in keys {
                if value.isUndefined { return value }
                let name = try key.printed()
                value = try Access.item(value, key, call.frame) ?? .undefined(UndefinedValue(name: name) {
                    Diagnostic(code: "template-undefined", "'extract': the container has no item '\(name)'")
                })
            }
            return value
        },
        FunctionDefinition("rekey_on_member", "key duplicates?") { call in try rekeyed(call) },
    ]

    /// What Ansible takes for nothing in a list that it flattens.
    private static func isSkipped(_ item: JinjaValue) -> Bool {
        item.isNull || item.comparableText == "None" || item.comparableText == "null"
    }

    private static func flattened(_ items: [JinjaValue], levels: Int?, skipNulls: Bool, _ call: Call, depth: Int = 0)
        throws -> [JinjaValue]
    {
        guard depth < Limits.maximumValueDepth else { throw Limits.tooDeep }
        try call.frame.state.charge(items.count)
        var result: [JinjaValue] = []
        for item in items {
            if skipNulls, isSkipped(item) { continue }
            if let inner = item.sequence, levels.map({ $0 >= 1 }) ?? true {
                result += try flattened(
                    inner.items, levels: levels.map { $0 - 1 }, skipNulls: skipNulls, call, depth: depth + 1)
            } else {
                result.append(item)
            }
        }
        return result
    }

    private static func subelements(_ call: Call) throws -> [JinjaValue] {
        let elements: [JinjaValue]
        switch call.subject {
        case .map(let map): elements = Array(try map.items().values)
        case .list(let list): elements = list.items
        default: throw call.fail("needs a list of mappings or a mapping, not \(call.subject.kindName)")
        }
        let keys: [JinjaValue]
        switch try call.argument(0) {
        case .list(let list): keys = list.items
        case let path:
            keys = try
                (path.text.map { $0.splitText(".") } ?? { throw call.fail("the path must be a string or a list") }())
                .map { .string($0) }
        }
        var result: [JinjaValue] = []
        for element in elements {
            var value = element
            for key in keys {
                guard case .map(let map) = value else {
                    throw call.fail("'\(try key.printed())' should point to a mapping, not \(value.kindName)")
                }
                if let inner = try map.value(key) { value = inner; continue }
                guard try call.bool(1) else { throw call.fail("an item has no key '\(try key.printed())'") }
                value = .list([])
                break
            }
            guard case .list(let list) = value else {
                throw call.fail("the path should point to a list, not \(value.kindName)")
            }
            result += list.items.map { .tuple([element, $0]) }
        }
        return result
    }

    private static func rekeyed(_ call: Call) throws -> JinjaValue {
        let duplicates = try call.string(1, default: "error")
        guard ["error", "overwrite"].contains(duplicates) else {
            throw call.fail("duplicates must be error or overwrite")
        }
        let items: [JinjaValue]
        switch call.subject {
        case .map(let map): items = Array(try map.items().values)
        case .list(let list), .tuple(let list): items = list.items
        default: throw call.fail("needs a list or a mapping, not \(call.subject.kindName)")
        }
        var result = MapObject.Items()
        for item in items {
            guard case .map(let map) = item else {
                throw call.fail("every item must be a mapping, not \(item.kindName)")
            }
            guard let name = try map.value(call.argument(0)) else { throw call.fail("an item has no such key") }
            let key = try MapKey.checked(name)
            if result[key] != nil, duplicates == "error" { throw call.fail("a key is not unique") }
            result[key] = item
        }
        return .map(MapObject(result))
    }
}

/// How `combine` merges mappings.
struct MapMerge {
    let recursive: Bool
    let lists: String

    init(recursive: Bool, lists: String) throws {
        let known = ["replace", "keep", "append", "prepend", "append_rp", "prepend_rp"]
        guard known.contains(lists) else {
            throw Diagnostic(
                code: "template-value", "'combine': list_merge must be one of \(known.joined(separator: ", "))")
        }
        self.recursive = recursive
        self.lists = lists
    }

    func merged(_ low: MapObject, _ high: MapObject, depth: Int = 0) throws -> MapObject {
        guard depth < Limits.maximumValueDepth else { throw Limits.tooDeep }
        // As in Ansible's merge_hash: lists of equal mappings are not joined, and what is not merged stays the same object.
        if low.count == 0 || JinjaValue.map(low).isEqual(to: .map(high)) { return MapObject(try high.items()) }
        if high.count == 0 { return low }
        try WalkBudget.visit(low.count + high.count)
        var result = try low.items()
        for (key, value) in try high.items() {
            switch (result[key], value) {
            case (.map(let a)?, .map(let b)) where recursive: result[key] = .map(try merged(a, b, depth: depth + 1))
            case (.list?, .list) where lists == "keep": break
            case (.list(let a)?, .list(let b)) where lists != "replace": result[key] = .list(joined(a.items, b.items))
            default: result[key] = value
            }
        }
        return MapObject(result)
    }

    private func joined(_ low: [JinjaValue], _ high: [JinjaValue]) -> [JinjaValue] {
        func absent(_ items: [JinjaValue], from others: [JinjaValue]) -> [JinjaValue] {
            let known = Set(others.map { MapKey($0) })
            return items.filter { !known.contains(MapKey($0)) }
        }
        switch lists {
        case "append": return low + high
        case "prepend": return high + low
        case "append_rp": return absent(low, from: high) + high
        default: return high + absent(low, from: high)
        }
    }
}
