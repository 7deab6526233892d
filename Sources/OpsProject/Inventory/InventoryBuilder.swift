import OpsCore
import OrderedCollections

/// Puts an inventory together from sources, as `inventory/data.py` and `inventory/group.py` do.
///
/// A value: a source that turns out to be broken is undone by keeping the builder from before it.
struct InventoryBuilder {
    static let maximumHosts = 1_000_000

    private(set) var inventory = Inventory()
    /// The source being read.
    var source: String?
    /// The source is an encrypted file: the values it sets are secret.
    var isSecret = false

    init() {
        addGroup("all")
        addGroup("ungrouped")
        _ = try? addChild(1, to: 0)
    }

    init(_ inventory: Inventory) { self.inventory = inventory }

    enum Problem: Error {
        case loop(parent: String, child: String)
        case intoItself(String)
        case empty(String)
        case tooManyHosts
        case priority(String)
    }

    @discardableResult
    mutating func addGroup(_ name: String) -> Int {
        if let known = inventory.groupIndex[name] { return known }
        inventory.groups.append(InventoryGroup(name: name))
        inventory.groupIndex[name] = inventory.groups.count - 1
        return inventory.groups.count - 1
    }

    func group(_ name: String) -> Int? { inventory.groupIndex[name] }

    /// Adds a host, and puts it into a group. The port counts only where the host is named first.
    @discardableResult
    mutating func addHost(_ name: String, to group: Int?, port: Int? = nil, at location: SourceLocation? = nil)
        throws(Problem) -> Int
    {
        guard !name.isEmpty else { throw .empty("host") }
        let index: Int
        if let known = inventory.hostIndex[name] {
            index = known
        } else {
            guard inventory.hosts.count < Self.maximumHosts else { throw .tooManyHosts }
            index = inventory.hosts.count
            var host = InventoryHost(name: name, source: source)
            if let port, port != 0 {
                let value = Located(.int(port), at: location ?? SourceLocation(file: ""))
                host.table.set(LocatedVariable(name: "ansible_port", value: value))
            }
            inventory.hosts.append(host)
            inventory.hostIndex[name] = index
        }
        if let group, inventory.groups[group].hosts.append(index).inserted {
            inventory.hosts[index].groups.append(group)
        }
        return index
    }

    /// Sets a host's variable; a group of the same name takes it instead, as Ansible has it.
    mutating func set(_ variable: LocatedVariable, host: Int) throws(Problem) {
        if let group = inventory.groupIndex[inventory.hosts[host].name] { return try set(variable, group: group) }
        inventory.hosts[host].table.set(isSecret ? variable.secret : variable)
    }

    mutating func set(_ variable: LocatedVariable, group: Int) throws(Problem) {
        guard variable.name != "ansible_group_priority" else {
            guard let priority = Self.priority(variable.value.value) else {
                throw .priority(inventory.groups[group].name)
            }
            inventory.groups[group].priority = priority
            return
        }
        inventory.groups[group].table.set(isSecret ? variable.secret : variable)
    }

    private static func priority(_ value: Value) -> Int? {
        switch value {
        case .int(let number): number
        case .string(let text): Int(text.trimmed)
        case .double(let number): Int(exactly: number.rounded(.towardZero))
        case .bool(let flag): flag ? 1 : 0
        default: nil
        }
    }

    // MARK: Groups in groups

    mutating func addChild(_ child: Int, to parent: Int) throws(Problem) {
        guard child != parent else { throw .intoItself(inventory.groups[parent].name) }
        guard !inventory.groups[parent].children.contains(child) else { return }
        // In the end everything is below `all`.
        guard child != 0, !ancestors(of: parent).contains(child) else {
            throw .loop(parent: inventory.groups[parent].name, child: inventory.groups[child].name)
        }
        inventory.groups[parent].children.append(child)
        inventory.groups[child].parents.append(parent)
        deepen(child, to: inventory.groups[parent].depth + 1)
    }

    /// Depth is the longest way from the top; a deeper group pushes its children down.
    private mutating func deepen(_ group: Int, to depth: Int) {
        var open = [(group, depth)]
        while let (group, depth) = open.popLast() {
            guard inventory.groups[group].depth < depth else { continue }
            inventory.groups[group].depth = depth
            open += inventory.groups[group].children.map { ($0, depth + 1) }
        }
    }

    private func ancestors(of group: Int) -> Set<Int> {
        var found: Set<Int> = []
        var open = inventory.groups[group].parents
        while let next = open.popLast() {
            if found.insert(next).inserted { open += inventory.groups[next].parents }
        }
        return found
    }

    // MARK: The end

    /// Everything is below `all`, and hosts without another group are in `ungrouped`.
    mutating func reconcile() {
        for index in inventory.groups.indices where index != 0 && inventory.groups[index].parents.isEmpty {
            _ = try? addChild(index, to: 0)
        }
        for index in inventory.hosts.indices {
            let groups = inventory.ancestry(of: index)
            if groups.contains(1), groups.contains(where: { $0 > 1 }) {
                inventory.groups[1].hosts.remove(index)
                inventory.hosts[index].groups.removeAll { $0 == 1 }
            } else if !groups.contains(where: { $0 > 0 }) {
                inventory.groups[1].hosts.append(index)
                inventory.hosts[index].groups.append(1)
            }
        }
    }

    /// The finished inventory.
    func finished(sources: [String], variableDirectories: [String]) -> Inventory {
        var builder = self
        builder.reconcile()
        var inventory = builder.inventory
        inventory.sources = sources
        inventory.variableDirectories = variableDirectories
        return inventory
    }
}

extension Inventory {
    /// Adds a host that a step found, puts it into groups and sets its variables.
    mutating func add(host: String, groups: [String], variables: [String: Value], at location: SourceLocation) {
        var builder = InventoryBuilder(self)
        guard let index = try? builder.addHost(host, to: 0) else { return }
        for group in groups { _ = try? builder.addHost(host, to: builder.addGroup(group)) }
        for (name, value) in variables.sorted(by: { $0.key < $1.key }) {
            let unsafe = Located(value, place: Place(location, handling: .unsafe))
            _ = try? builder.set(LocatedVariable(name: name, value: unsafe), host: index)
        }
        self = builder.finished(sources: sources, variableDirectories: variableDirectories)
    }

    /// Puts a host into a group, and the group into others.
    mutating func add(host: String, toGroup group: String, parents: [String]) {
        var builder = InventoryBuilder(self)
        let index = builder.addGroup(group)
        for parent in parents { _ = try? builder.addChild(index, to: builder.addGroup(parent)) }
        _ = try? builder.addHost(host, to: index)
        self = builder.finished(sources: sources, variableDirectories: variableDirectories)
    }
}
