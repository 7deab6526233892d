import OpsCore

/// A list or tuple. Made from a `Value`, it converts its items when they are first needed.
class ListObject {
    private enum Storage {
        case values([Value], SecretTracker)
        case items([JinjaValue])
    }

    private var storage: Storage

    init(_ items: [JinjaValue]) { storage = .items(items) }

    init(_ values: [Value], tracker: SecretTracker) { storage = .values(values, tracker) }

    var count: Int {
        switch storage {
        case .values(let values, _): values.count
        case .items(let items): items.count
        }
    }

    var items: [JinjaValue] {
        get {
            switch storage {
            case .items(let items): return items
            case .values(let values, let tracker):
                let items = values.map { JinjaValue($0, tracker: tracker) }
                storage = .items(items)
                return items
            }
        }
        set { storage = .items(newValue) }
    }

    /// Changes the items without copying them.
    func modify<T>(_ body: (inout [JinjaValue]) throws -> T) rethrows -> T {
        var items = items
        storage = .items([])
        defer { storage = .items(items) }
        return try body(&items)
    }

    /// Takes deep structures apart without recursion, which could exhaust the stack.
    deinit { if holdsContainers { JinjaValue.dismantle(surrender()) } }

    private var holdsContainers: Bool {
        guard case .items(let items) = storage else { return false }
        return items.contains(where: \.isContainer)
    }

    /// Gives the items away; they are gone from this list afterwards.
    fileprivate func surrender() -> [JinjaValue] {
        guard case .items(let items) = storage else { return [] }
        storage = .items([])
        return items
    }
}

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
