import OpsCore
import OpsTemplate

extension InventoryDump {
    /// What `--list --yaml` prints.
    public func yamlList() throws -> String {
        var tree = InventoryTree(dump: self)
        return try YAMLTree.map(tree.group(0)).blockText()
    }

    /// What `--host NAME --yaml` prints; nil if there is no such host.
    public func yamlHost(_ name: String) throws -> String? {
        guard inventory[host: name] != nil else { return nil }
        var tree = InventoryTree(dump: self)
        return try tree.variables(ofHost: name).blockText()
    }
}

/// Builds the tree that `--yaml` prints: groups in groups, each host's variables where it is named first.
private struct InventoryTree {
    typealias Entries = [(key: YAMLTree, value: YAMLTree)]

    /// What makes two variables the same object in Python, and so an anchor and its alias in YAML.
    private struct Identity: Hashable {
        var location: SourceLocation
        /// With the host: each host of a range has objects of its own, while those of a group are all its hosts'.
        var name: String
    }

    let dump: InventoryDump
    private var identities: [Identity: Int] = [:]
    private var seenHosts: Set<Int> = []
    private var seenGroups: Set<Int> = []

    init(dump: InventoryDump) { self.dump = dump }

    private static func text(_ text: String) -> YAMLTree { .scalar(.string(text)) }

    private static func sorted(_ entries: [(String, YAMLTree)]) -> Entries {
        entries.sorted { codePointOrder($0.0, $1.0) }.map { (text($0.0), $0.1) }
    }

    /// The group as the only entry; none if there is nothing to tell of it.
    mutating func group(_ index: Int) -> Entries {
        let entries = content(of: index)
        return entries.isEmpty ? [] : [(Self.text(dump.inventory.groups[index].name), .map(entries))]
    }

    private mutating func content(of index: Int) -> Entries {
        let group = dump.inventory.groups[index]
        var parts: [(String, YAMLTree)] = []
        var children: [String: YAMLTree] = [:]
        for child in group.children {
            let name = dump.inventory.groups[child].name
            if seenGroups.contains(child) {
                children[name] = .map([])
            } else {
                let inner = content(of: child)
                if !inner.isEmpty { children[name] = .map(inner) }
                seenGroups.insert(child)
            }
        }
        if !children.isEmpty { parts.append(("children", .map(Self.sorted(children.map { ($0.key, $0.value) })))) }
        var hosts: [(String, YAMLTree)] = []
        for host in index == 0 ? [] : Array(group.hosts) {
            let name = dump.inventory.hosts[host].name
            guard dump.available.contains(name) else { continue }
            hosts.append((name, seenHosts.insert(host).inserted ? variables(ofHost: name) : .map([])))
        }
        if !hosts.isEmpty { parts.append(("hosts", .map(Self.sorted(hosts)))) }
        if dump.isExport {
            let own = variables(ofGroup: group)
            if !own.isEmpty { parts.append(("vars", .map(own))) }
        }
        return Self.sorted(parts)
    }

    // MARK: Variables

    mutating func variables(ofHost name: String) -> YAMLTree {
        var values: [String: (Located, owner: String)] = [:]
        if dump.isExport {
            for (key, value) in dump.variables.variables(ofHost: name, besidePlaybook: dump.hasPlaybookDirectory) {
                values[key] = (value, "host \(name)")
            }
        } else {
            for layer in dump.variables.layers(of: name) {
                let owner = layer.level == .inventoryHost ? "host \(name)" : "group"
                for (key, value) in layer.variables { values[key] = (value, owner) }
            }
            for (key, value) in dump.extra { values[key] = (value, "extra") }
        }
        return .map(entries(values))
    }

    private mutating func variables(ofGroup group: InventoryGroup) -> Entries {
        var values: [String: (Located, owner: String)] = [:]
        for (key, value) in dump.variables.variables(ofGroup: group.name, besidePlaybook: dump.hasPlaybookDirectory) {
            values[key] = (value, "group")
        }
        if group.priority != 1 {
            values["ansible_group_priority"] = (Located(.int(group.priority), at: SourceLocation(file: "")), "group")
        }
        return entries(values)
    }

    private mutating func entries(_ values: [String: (Located, owner: String)]) -> Entries {
        let names = values.keys.filter { !InventoryDump.internalNames.contains($0) }.sorted(by: codePointOrder)
        return names.compactMap { name in
            values[name].map { (Self.text(name), shared(Self.tree($0.0), $0.0, name, owner: $0.owner)) }
        }
    }

    private static func tree(_ located: Located) -> YAMLTree {
        switch located.value {
        case .list(let items): return .list(hasPlaces(located) ? located.items.map(tree) : items.map(YAMLTree.init))
        case .map(let map):
            guard hasPlaces(located) || map.isEmpty else { return YAMLTree(located.value) }
            return .sorted((located.entries ?? []).map { (key: $0.key, value: tree($0.value)) })
        case .string(let text):
            if located.place.handling == .vault { return .tagged("!vault", literal: text) }
            if located.place.isSecret { return .scalar(.string(Secret.mask)) }
            return located.place.text.isTimestamp ? .plain(text.replacing("T", with: " ")) : .scalar(located.value)
        default: return .scalar(located.value)
        }
    }

    /// Whether parts must be looked at one by one.
    private static func hasPlaces(_ located: Located) -> Bool { !located.place.parts.isEmpty || located.place.isSecret }

    private mutating func shared(_ tree: YAMLTree, _ located: Located, _ name: String, owner: String) -> YAMLTree {
        guard located.value.list != nil || located.value.map != nil else { return tree }
        let identity = Identity(location: located.location, name: "\(owner).\(name)")
        let id = identities[identity] ?? identities.count
        identities[identity] = id
        return .shared(id, tree)
    }
}
