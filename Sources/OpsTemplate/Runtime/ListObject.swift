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
    deinit {
        guard case .items(let items) = storage, items.contains(where: \.isContainer) else { return }
        storage = .items([])
        JinjaValue.dismantle(items)
    }

    /// The items, if nobody else holds this list; they are gone from it afterwards.
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
    static func dismantle(_ values: [JinjaValue]) {
        var pending = values
        while let value = pending.popLast() {
            switch consume value {
            case .list(var list), .tuple(var list):
                if isKnownUniquelyReferenced(&list) { pending += list.surrender() }
            case .map(var map), .namespace(var map):
                if isKnownUniquelyReferenced(&map) { pending += map.surrender() }
            default: break
            }
        }
    }
}
