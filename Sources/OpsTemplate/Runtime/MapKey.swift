import OpsCore

/// A mapping key with Python's equality: `1`, `1.0` and `True` are the same key.
struct MapKey: Hashable {
    let value: JinjaValue

    init(_ value: JinjaValue) { self.value = value }

    /// Refuses lists and maps, which can't be keys.
    static func checked(_ value: JinjaValue) throws -> MapKey {
        switch value {
        case .list, .map: throw Diagnostic(code: "template-type", "\(value.kindName) cannot be the key of a mapping")
        case .undefined(let undefined): throw undefined.diagnostic
        default: return MapKey(value)
        }
    }

    static func == (a: MapKey, b: MapKey) -> Bool { a.value.isEqual(to: b.value) }

    func hash(into hasher: inout Hasher) { MapKey.hash(value, into: &hasher) }

    private static func hash(_ value: JinjaValue, into hasher: inout Hasher) {
        switch value {
        case .string(let text), .markup(let text): hasher.combine(text)
        case .secret(let secret): hasher.combine(secret.plain)
        case .bool, .int, .double, .secretNumber: hasher.combine(value.comparable.number ?? 0)
        case .tuple(let list), .list(let list): hash(list, into: &hasher)
        case .map(let map): hasher.combine(hash(map))
        default: hasher.combine(0)
        }
    }

    /// By the scalars directly inside: what is nested deeper may be endless.
    private static func hash(_ list: ListObject, into hasher: inout Hasher) {
        hasher.combine(list.count)
        guard WalkBudget.mayVisit(list.count) else { return }
        for item in list.items where !item.isContainer { hash(item, into: &hasher) }
    }

    /// The same for all orders of the keys.
    private static func hash(_ map: MapObject) -> Int {
        guard WalkBudget.mayVisit(map.count), let items = try? map.items() else { return map.count }
        return items.reduce(map.count) { sum, item in
            var hasher = Hasher()
            hash(item.key.value, into: &hasher)
            if !item.value.isContainer { hash(item.value, into: &hasher) }
            return sum ^ hasher.finalize()
        }
    }
}
