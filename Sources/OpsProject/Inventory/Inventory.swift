import OpsCore
import OrderedCollections

/// The machines of one environment, their groups, and the variables set for them.
public struct Inventory: Sendable {
    /// In the order in which they were first named.
    public internal(set) var hosts: [InventoryHost] = []
    /// `all` and `ungrouped` first, then in the order in which they were first named.
    public internal(set) var groups: [InventoryGroup] = []
    /// Files, directories and host lists it was made from, as the user named them.
    public internal(set) var sources: [String] = []
    /// Directories whose `group_vars` and `host_vars` belong to it, in order; absolute.
    public internal(set) var variableDirectories: [String] = []
    var hostIndex: [String: Int] = [:]
    var groupIndex: [String: Int] = [:]

    /// The host of this name. `localhost` and its addresses are there even if no inventory names them: they
    /// are this machine, reached without SSH.
    public subscript(host name: String) -> InventoryHost? {
        hostIndex[name].map { hosts[$0] } ?? (Self.localNames.contains(name) ? .implicit(name) : nil)
    }

    static let localNames: Set<String> = ["localhost", "127.0.0.1", "::1"]

    public subscript(group name: String) -> InventoryGroup? { groupIndex[name].map { groups[$0] } }

    /// Names of the hosts in a group and in the groups below it, each once.
    public func hosts(in group: String) -> [String] {
        groupIndex[group].map { members(of: $0).map { hosts[$0].name } } ?? []
    }

    /// Names of the groups that a host is in, `all` excepted, sorted.
    public func groupNames(of host: String) -> [String] {
        guard let index = hostIndex[host] else { return [] }
        return ancestry(of: index).filter { $0 != 0 }.map { groups[$0].name }.sorted(by: codePointOrder)
    }

    /// Every group with the names of its hosts: the magic variable `groups`.
    public var groupMap: ValueMap {
        var map = ValueMap()
        for (index, group) in groups.enumerated() {
            map[group.name] = .list(members(of: index).map { .string(hosts[$0].name) })
        }
        return map
    }

    /// Indexes of the groups that a host is in, in the order in which their variables are laid over each other.
    func mergeOrder(of host: Int) -> [Int] {
        ancestry(of: host).sorted { a, b in
            let (a, b) = (groups[a], groups[b])
            if a.depth != b.depth { return a.depth < b.depth }
            if a.priority != b.priority { return a.priority < b.priority }
            return codePointOrder(a.name, b.name)
        }
    }

    /// Groups that a host is in, directly or through their children; `all` among them.
    func ancestry(of host: Int) -> Set<Int> {
        var found: Set<Int> = [0]
        var open = hosts[host].groups
        while let group = open.popLast() {
            if found.insert(group).inserted { open += groups[group].parents }
        }
        return found
    }

    /// Hosts of a group and its descendants, level by level.
    func members(of group: Int) -> [Int] {
        var seenGroups: Set<Int> = [group]
        var hosts = OrderedSet<Int>()
        var level = [group]
        while !level.isEmpty {
            for index in level { hosts.append(contentsOf: groups[index].hosts) }
            level = level.flatMap { groups[$0].children }.filter { seenGroups.insert($0).inserted }
        }
        return Array(hosts)
    }
}

/// One machine, as the inventory names it.
public struct InventoryHost: Sendable {
    public let name: String
    /// Variables set inline, in the order in which they were first set.
    public var vars: OrderedDictionary<String, Located> { table.current }
    var table = VariableTable()
    /// The source in which it was first named; nil for hosts that steps add.
    public let source: String?
    /// Indexes of the groups that name it directly.
    var groups: [Int] = []

    init(name: String, source: String?) {
        self.name = name
        self.source = source
    }

    /// This machine, where the inventory doesn't name it.
    static func implicit(_ name: String) -> InventoryHost {
        var host = InventoryHost(name: name, source: nil)
        let connection = Located("local", at: SourceLocation(file: name))
        host.table.set(LocatedVariable(name: "ansible_connection", value: connection))
        return host
    }
}

/// A named set of hosts and groups.
public struct InventoryGroup: Sendable {
    public let name: String
    /// Variables set inline.
    public var vars: OrderedDictionary<String, Located> { table.current }
    var table = VariableTable()
    /// Longest way down from `all`.
    public internal(set) var depth = 0
    /// `ansible_group_priority`
    public internal(set) var priority = 1
    /// Indexes.
    var children: [Int] = []
    var parents: [Int] = []
    var hosts: OrderedSet<Int> = []

    init(name: String) { self.name = name }
}

/// Python's order of strings: by code point, which is the order of their UTF-8 bytes.
func codePointOrder(_ a: String, _ b: String) -> Bool {
    let order = a.utf8.withContiguousStorageIfAvailable { a in
        b.utf8.withContiguousStorageIfAvailable { b in
            for index in 0..<min(a.count, b.count) where a[index] != b[index] { return a[index] < b[index] }
            return a.count < b.count
        }
    }
    return (order ?? nil) ?? a.utf8.lexicographicallyPrecedes(b.utf8)
}
