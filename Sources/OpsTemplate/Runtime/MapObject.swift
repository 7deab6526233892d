import OpsCore
import OrderedCollections

extension Value {
    fileprivate var isContainer: Bool {
        switch self {
        case .list, .map: true
        default: false
        }
    }
}

/// A mapping. Made from a `Value`, it stays one until all its items are needed.
final class MapObject {
    typealias Items = OrderedDictionary<MapKey, JinjaValue>

    /// The items, if a template made or changed them; otherwise they are still what the map was made from.
    private var changed: Items?
    /// Keys and values of the `Value` it was made from; the tracker is nil if it was not made from one.
    private let originalKeys: OrderedSet<Value>
    private let originalValues: [Value]
    private let tracker: SecretTracker?
    /// The lists and maps among the original values that have been asked for, by position: who holds one must
    /// see its changes. Empty if there is at most one.
    private let containers: ValueSlots
    /// The same for a map with one list or map among its values, which most have.
    private var onlyContainer: JinjaValue?
    private let lazy: LazyMembers?

    private init(changed: Items?, original: ValueMap = [:], tracker: SecretTracker? = nil, lazy: LazyMembers? = nil) {
        self.changed = changed
        originalKeys = original.keys
        originalValues = original.values.elements
        containers = ValueSlots(count: originalValues.count(where: \.isContainer) > 1 ? originalValues.count : 0)
        self.tracker = tracker
        self.lazy = lazy
    }

    convenience init(_ items: Items = [:]) { self.init(changed: items) }

    convenience init(_ values: ValueMap, tracker: SecretTracker) {
        self.init(changed: nil, original: values, tracker: tracker)
    }

    convenience init(_ source: any LazyMap, tracker: SecretTracker) {
        self.init(changed: nil, lazy: LazyMembers(source, tracker: tracker))
    }

    convenience init(_ pairs: [(String, JinjaValue)]) {
        self.init(Items(pairs.map { (MapKey(.string($0.0)), $0.1) }, uniquingKeysWith: { $1 }))
    }

    /// A variable's mapping, or one in it, and not one that a template made.
    var isVariable: Bool { tracker != nil }

    private var isOriginal: Bool { changed == nil && tracker != nil }

    var count: Int { isOriginal ? originalKeys.count : changed?.count ?? lazy?.source.keys.count ?? 0 }

    /// The value under a string key.
    func value(_ name: String) throws -> JinjaValue? {
        if isOriginal { return originalKeys.firstIndex(of: .string(name)).map(member) }
        return try changed.map { $0[MapKey(.string(name))] } ?? lazy?.value(name)
    }

    /// The value under a string key that is asked for time and again.
    func value(_ name: MemberName) throws -> JinjaValue? {
        guard isOriginal else { return try value(name.text) }
        return name.position(in: originalKeys).map(member)
    }

    func value(_ key: JinjaValue) throws -> JinjaValue? {
        if case .string(let name) = key { return try value(name) }
        return try items()[MapKey.checked(key)]
    }

    /// The original value at a position, converted.
    private func member(_ position: Int) -> JinjaValue {
        switch originalValues[position] {
        case .string(let text): .string(text)
        case .int(let number): .int(number)
        case .list, .map: container(position)
        case let value: converted(value)
        }
    }

    private func container(_ position: Int) -> JinjaValue {
        if let known = containers.count > 0 ? containers[position] : onlyContainer { return known }
        let value = converted(originalValues[position])
        if containers.count > 0 { containers[position] = value } else { onlyContainer = value }
        return value
    }

    private func converted(_ value: Value) -> JinjaValue { tracker.map { JinjaValue(value, tracker: $0) } ?? .null }

    /// All items, converted.
    func items() throws -> Items {
        if let changed { return changed }
        var items = try lazy?.items() ?? Items(minimumCapacity: originalKeys.count)
        // The containers stay, for those who go through the original pairs at the moment.
        for position in originalKeys.indices { items[MapKey(originalKey(position))] = member(position) }
        changed = items
        return items
    }

    /// Keys and values in order.
    func pairs() throws -> Pairs {
        try isOriginal ? .original(self) : .made(items().map { ($0.key.value, $0.value) })
    }

    var originalCount: Int { originalKeys.count }

    func originalKey(_ position: Int) -> JinjaValue {
        if case .string(let text) = originalKeys[position] { return .string(text) }
        return converted(originalKeys[position])
    }

    func originalValue(_ position: Int) -> JinjaValue { member(position) }

    /// The keys in order, without touching the values.
    var keys: [JinjaValue] {
        if isOriginal { return originalKeys.map(converted) }
        return changed?.keys.map(\.value) ?? lazy?.source.keys.map { .string($0) } ?? []
    }

    /// Changes the items without copying them.
    func modify<T>(_ body: (inout Items) throws -> T) throws -> T {
        var items = try items()
        changed = [:]
        defer { changed = items }
        return try body(&items)
    }

    deinit { if mayBeDeep { JinjaValue.dismantle(surrender()) } }

    private var mayBeDeep: Bool { changed?.values.contains(where: \.isContainer) ?? false }

    /// Gives the values away; they are gone from this map afterwards.
    func surrender() -> [JinjaValue] {
        let values = (changed.map { Array($0.values) } ?? []) + containers.values + (onlyContainer.map { [$0] } ?? [])
        changed = [:]
        containers.clear()
        onlyContainer = nil
        return values
    }
}
