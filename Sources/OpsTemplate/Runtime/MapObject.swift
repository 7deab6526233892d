import OpsCore
import OrderedCollections

/// A mapping. Made from a `Value`, it stays one until something else is needed.
final class MapObject {
    typealias Items = OrderedDictionary<MapKey, JinjaValue>

    private enum Storage {
        case values(ValueMap, SecretTracker)
        case items(Items)
        case lazy(any LazyMap, SecretTracker, cache: [String: JinjaValue])
    }

    private var storage: Storage

    init(_ items: Items = [:]) { storage = .items(items) }

    init(_ values: ValueMap, tracker: SecretTracker) { storage = .values(values, tracker) }

    init(_ source: any LazyMap, tracker: SecretTracker) { storage = .lazy(source, tracker, cache: [:]) }

    convenience init(_ pairs: [(String, JinjaValue)]) {
        self.init(Items(pairs.map { (MapKey(.string($0.0)), $0.1) }, uniquingKeysWith: { $1 }))
    }

    var count: Int {
        switch storage {
        case .values(let values, _): values.count
        case .items(let items): items.count
        case .lazy(let source, _, _): source.keys.count
        }
    }

    /// The value under a string key.
    func value(_ name: String) throws -> JinjaValue? {
        switch storage {
        case .items(let items): return items[MapKey(.string(name))]
        case .values(let values, let tracker):
            guard let value = values[Value.string(name)] else { return nil }
            switch value {
            case .list, .map: return try items()[MapKey(.string(name))]
            default: return JinjaValue(value, tracker: tracker)
            }
        case .lazy(let source, let tracker, var cache):
            if let known = cache[name] { return known }
            guard let value = try source.member(name) else { return nil }
            let converted = JinjaValue(value, tracker: tracker)
            storage = .items([:])
            cache[name] = converted
            storage = .lazy(source, tracker, cache: cache)
            return converted
        }
    }

    func value(_ key: JinjaValue) throws -> JinjaValue? {
        if case .string(let name) = key { return try value(name) }
        return try items()[MapKey.checked(key)]
    }

    /// All items, converted.
    func items() throws -> Items {
        switch storage {
        case .items(let items): return items
        case .values(let values, let tracker):
            var items = Items(minimumCapacity: values.count)
            for (key, value) in values { items[MapKey(JinjaValue(key, tracker: tracker))] = JinjaValue(value, tracker: tracker) }
            storage = .items(items)
            return items
        case .lazy(let source, _, _):
            var items = Items()
            for name in source.keys { if let value = try value(name) { items[MapKey(.string(name))] = value } }
            storage = .items(items)
            return items
        }
    }

    /// The keys in order, without touching the values.
    var keys: [JinjaValue] {
        switch storage {
        case .items(let items): items.keys.map(\.value)
        case .values(let values, let tracker): values.keys.map { JinjaValue($0, tracker: tracker) }
        case .lazy(let source, _, _): source.keys.map { .string($0) }
        }
    }

    /// Changes the items without copying them.
    func modify<T>(_ body: (inout Items) throws -> T) throws -> T {
        var items = try items()
        storage = .items([:])
        defer { storage = .items(items) }
        return try body(&items)
    }

    deinit { if holdsContainers { JinjaValue.dismantle(surrender()) } }

    private var holdsContainers: Bool {
        guard case .items(let items) = storage else { return false }
        return items.values.contains(where: \.isContainer)
    }

    /// Gives the values away; they are gone from this map afterwards.
    func surrender() -> [JinjaValue] {
        guard case .items(let items) = storage else { return [] }
        storage = .items([:])
        return Array(items.values)
    }
}

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
        case .bool, .int, .double: hasher.combine(value.number ?? 0)
        case .tuple(let tuple): tuple.items.forEach { hash($0, into: &hasher) }
        default: hasher.combine(0)
        }
    }
}
