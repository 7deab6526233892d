import OpsCore

/// What a loop goes through.
///
/// As in Python, a list is gone through as it is by the time of each round, and a mapping must keep its size.
enum LoopSource {
    case list(ListObject)
    case keys([JinjaValue], of: MapObject)
    /// What nothing can change meanwhile.
    case items([JinjaValue])

    init(_ value: JinjaValue, _ frame: Frame) throws {
        switch value {
        case .list(let list):
            try frame.state.charge(list.count)
            self = .list(list)
        case .map(let map): self = .keys(try frame.iterate(value), of: map)
        default: self = .items(try frame.iterate(value))
        }
    }

    var count: Int {
        switch self {
        case .list(let list): list.count
        case .keys(let keys, _): keys.count
        case .items(let items): items.count
        }
    }

    /// nil if there is no item at this position, which is none before the first.
    subscript(position: Int) -> JinjaValue? {
        switch self {
        case .list(let list): list.item(position)
        case .keys(let items, _), .items(let items): position < items.count ? items[position] : nil
        }
    }

    /// All items as they are now.
    var items: [JinjaValue] {
        switch self {
        case .list(let list): list.items
        case .keys(let items, _), .items(let items): items
        }
    }

    /// To be asked before each round.
    func check() throws {
        guard case .keys(let keys, let map) = self, map.count != keys.count else { return }
        throw Diagnostic(
            code: "template-value", "the mapping changed its size while a loop went through it",
            hints: ["loop over a copy of its keys: 'for key in mapping.keys()'"])
    }
}

/// Goes through a list: quickly as long as nothing changes it.
struct ListCursor {
    private let list: ListObject
    private var items: [JinjaValue]
    private let version: Int

    init(_ list: ListObject) {
        self.list = list
        items = list.items
        version = list.version
    }

    /// The item at a position from 0 on as it is now; nil behind the last.
    @inline(__always)
    mutating func item(_ position: Int) -> JinjaValue? {
        if list.version == version { return position < items.count ? items[position] : nil }
        // While these are held, every change would have to copy them.
        items = []
        return list.item(position)
    }
}
