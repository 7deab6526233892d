import OpsCore

/// A list or tuple. What it is made from is converted when the items are first needed.
class ListObject {
    private enum Storage {
        case values([Value], SecretTracker)
        case converted([JinjaValue])
        /// Keys and values, each pair a tuple.
        case pairs(Pairs)
        case items([JinjaValue])
    }

    private var storage: Storage
    /// Another one after each change.
    private(set) final var version = 0
    /// A variable's list, or one in it, and not one that a template made.
    final let isVariable: Bool

    init(_ items: [JinjaValue]) {
        storage = .items(items)
        isVariable = false
    }

    init(_ values: [Value], tracker: SecretTracker) {
        storage = .values(values, tracker)
        isVariable = true
    }

    /// A list of tuples, each made only if it is needed as one.
    init(pairs: Pairs) {
        storage = .pairs(pairs)
        isVariable = false
    }

    final var count: Int {
        switch storage {
        case .values(let values, _): values.count
        case .pairs(let pairs): pairs.count
        case .converted(let items), .items(let items): items.count
        }
    }

    final var items: [JinjaValue] {
        get {
            switch storage {
            case .converted, .items: break
            case .values(let values, let tracker): storage = .converted(values.map { JinjaValue($0, tracker: tracker) })
            case .pairs(let pairs): storage = .items(pairs.all.map { .tuple([$0.key, $0.value]) })
            }
            switch storage {
            case .converted(let items), .items(let items): return items
            default: return []
            }
        }
        set {
            version += 1
            storage = .items(newValue)
        }
    }

    /// The item at a position from 0 on; nil behind the last.
    final func item(_ position: Int) -> JinjaValue? {
        switch storage {
        case .converted(let items), .items(let items): position < items.count ? items[position] : nil
        case .values, .pairs: position < count ? items[position] : nil
        }
    }

    /// The items as pairs, as long as nothing has needed them as tuples.
    final var pairs: Pairs? { if case .pairs(let pairs) = storage { pairs } else { nil } }

    /// Changes the items without copying them.
    final func modify<T>(_ body: (inout [JinjaValue]) throws -> T) rethrows -> T {
        version += 1
        var items = items
        storage = .items([])
        defer { storage = .items(items) }
        return try body(&items)
    }

    deinit { if mayBeDeep { JinjaValue.dismantle(surrender()) } }

    private final var mayBeDeep: Bool {
        switch storage {
        case .values, .converted: false
        case .pairs(.made(let pairs)): pairs.contains { $0.value.isContainer }
        case .pairs(.original): false
        case .items(let items): items.contains(where: \.isContainer)
        }
    }

    /// Gives the items away; they are gone from this list afterwards.
    fileprivate final func surrender() -> [JinjaValue] {
        defer { storage = .items([]) }
        switch storage {
        case .values, .pairs(.original): return []
        case .pairs(.made(let pairs)): return pairs.map(\.value)
        case .converted(let items), .items(let items): return items
        }
    }
}

/// What templates build may nest deeply and is taken apart without recursion, which could exhaust the stack.
/// What is still as a `Value` had it nests no deeper than that and is released in the ordinary way.
extension JinjaValue {
    var isContainer: Bool {
        switch self {
        case .list, .tuple, .map, .namespace: true
        default: false
        }
    }

    /// Releases values iteratively: each container that is about to go gives up its items first.
    static func dismantle(_ values: consuming [JinjaValue]) {
        var pending = values
        while !pending.isEmpty {
            // The value itself must be gone before the uniqueness of what it held can be asked for.
            var (list, map) = pending.removeLast().container
            if isKnownUniquelyReferenced(&list), let list { pending += list.surrender() }
            if isKnownUniquelyReferenced(&map), let map { pending += map.surrender() }
        }
    }

    private var container: (ListObject?, MapObject?) {
        switch self {
        case .list(let list), .tuple(let list): (list, nil)
        case .map(let map), .namespace(let map): (nil, map)
        default: (nil, nil)
        }
    }
}
