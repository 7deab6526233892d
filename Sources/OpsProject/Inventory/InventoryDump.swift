import OpsCore
import OpsTemplate
import OrderedCollections

/// What `ansible-inventory` prints: `--list`, `--host`, `--graph`, as JSON or YAML (`cli/inventory.py`).
///
/// Values are not rendered; encrypted ones stay as they are written.
public struct InventoryDump: Sendable {
    let variables: InventoryVariables
    let inventory: Inventory
    /// Hosts that `--limit` leaves.
    let available: Set<String>
    /// Variables set on hosts and groups stay there, instead of being merged into the hosts.
    let isExport: Bool

    /// Also what stands beside playbooks is shown for groups and exported; Ansible does that only if it is told where.
    let hasPlaybookDirectory: Bool
    /// What `-e` sets: above all others, but not exported.
    let extra: InventoryVariables.Table

    /// - Parameters:
    ///   - run: its extra variables are those of every host.
    ///   - limit: a host pattern, or nil for all.
    ///   - isExport: as `--export`.
    ///   - hasPlaybookDirectory: whether `--playbook-dir` was given.
    public init(
        _ variables: InventoryVariables, run: RunVariables = RunVariables(), limit: String? = nil, isExport: Bool = false,
        hasPlaybookDirectory: Bool = true,
        files: ProjectFiles? = nil,
        warnings: inout [Diagnostic]
    ) throws(Diagnostic) {
        self.variables = variables
        self.isExport = isExport
        self.hasPlaybookDirectory = hasPlaybookDirectory
        extra = run.extra
        inventory = variables.inventory
        available = Set(try inventory.hosts(matching: "all", limit: limit, files: files, warnings: &warnings))
    }

    // MARK: --list

    /// The value that `--list` prints as JSON.
    public var list: Value {
        var result = ValueMap()
        var seen: Set<Int> = []
        add(0, to: &result, &seen)
        var hostvars = ValueMap()
        // Thousands of hosts have the same few sets of groups.
        var ofGroups: [[Int]: ValueMap] = [:]
        for (index, host) in inventory.hosts.enumerated() where available.contains(host.name) {
            let values = isExport ? hostVariables(host.name) : merged(index, &ofGroups)
            if !values.isEmpty { hostvars[host.name] = .map(values) }
        }
        result["_meta"] = ["hostvars": .map(hostvars), "profile": "inventory_legacy"]
        return .map(result)
    }

    private func add(_ index: Int, to result: inout ValueMap, _ seen: inout Set<Int>) {
        let group = inventory.groups[index]
        var entry = ValueMap()
        if index != 0 {
            let hosts = group.hosts.map { inventory.hosts[$0].name }.filter(available.contains)
            if !hosts.isEmpty { entry["hosts"] = .list(hosts.map { .string($0) }) }
        }
        if !group.children.isEmpty {
            entry["children"] = .list(group.children.map { .string(inventory.groups[$0].name) })
        }
        for child in group.children where seen.insert(child).inserted { add(child, to: &result, &seen) }
        if isExport {
            let values = groupVariables(group)
            if !values.isEmpty { entry["vars"] = .map(values) }
        }
        if !entry.isEmpty { result[group.name] = .map(entry) }
    }

    // MARK: --host

    /// The value that `--host` prints; nil if there is no such host.
    public func host(_ name: String) -> Value? {
        inventory[host: name].map { .map(hostVariables($0.name)) }
    }

    // MARK: --graph

    /// What `--graph` prints; nil if there is no such group.
    public func graph(group name: String = "all", showingVariables: Bool = false) -> String? {
        guard let index = inventory.groupIndex[name] else { return nil }
        var lines: [String] = []
        graph(index, 0, showingVariables, &lines)
        return lines.joined(separator: "\n")
    }

    private func graph(_ index: Int, _ depth: Int, _ showsVariables: Bool, _ lines: inout [String]) {
        let group = inventory.groups[index]
        lines.append(Self.line("@\(group.name):", depth))
        for child in group.children { graph(child, depth + 1, showsVariables, &lines) }
        for host in index == 0 ? [] : group.hosts {
            let name = inventory.hosts[host].name
            lines.append(Self.line(name, depth + 1))
            if showsVariables { lines += Self.lines(hostTable(name), depth + 2) }
        }
        if showsVariables { lines += Self.lines(groupTable(group), depth + 1) }
    }

    private static func line(_ text: String, _ depth: Int) -> String {
        depth == 0 ? text : String(repeating: "  |", count: depth) + "--" + text
    }

    private static func lines(_ table: InventoryVariables.Table, _ depth: Int) -> [String] {
        table.filter { !internalNames.contains($0.key) }.sorted { codePointOrder($0.key, $1.key) }.map {
            line("{\($0.key) = \(PythonText.str(shown($0.value)))}", depth)
        }
    }

    /// For people: unsafe texts as they are, secrets masked.
    private static func shown(_ located: Located) -> Value {
        switch located.value {
        case .string(let text):
            if located.place.isSecret || located.place.handling == .vault { return .string(Secret.mask) }
            return located.place.text.isTimestamp ? .string(text.replacing("T", with: " ")) : located.value
        case .list: return .list(located.items.map(shown))
        case .map(let map):
            return .map(ValueMap(uniqueKeysWithValues: zip(map.keys, (located.entries ?? []).map { shown($0.value) })))
        default: return located.value
        }
    }

    // MARK: Variables

    /// Names that Ansible sets itself and leaves out.
    static let internalNames: Set<String> = [
        "ansible_async_path", "ansible_collection_name", "ansible_config_file", "ansible_dependent_role_names",
        "ansible_diff_mode", "ansible_facts", "ansible_forks", "ansible_inventory_sources", "ansible_limit",
        "ansible_play_batch", "ansible_play_hosts", "ansible_play_hosts_all", "ansible_play_role_names",
        "ansible_playbook_python", "ansible_role_name", "ansible_role_names", "ansible_run_tags", "ansible_skip_tags",
        "ansible_verbosity", "ansible_version", "inventory_dir", "inventory_file", "inventory_hostname",
        "inventory_hostname_short", "groups", "group_names", "hostvars", "playbook_dir", "play_hosts", "role_name",
        "role_names", "role_path", "role_uuid",
    ]

    private func hostVariables(_ name: String) -> ValueMap { Self.values(hostTable(name)) }

    private func hostTable(_ name: String) -> InventoryVariables.Table {
        if isExport { return variables.variables(ofHost: name, besidePlaybook: hasPlaybookDirectory) }
        var table = InventoryVariables.Table()
        for layer in variables.layers(of: name) { table.merge(layer.variables) { $1 } }
        return table.merging(extra) { $1 }
    }

    /// As `hostVariables`, with what groups set kept for the next host of the same groups.
    private func merged(_ index: Int, _ ofGroups: inout [[Int]: ValueMap]) -> ValueMap {
        let groups = inventory.hosts[index].groups
        var values =
            ofGroups[groups]
            ?? {
                var values = ValueMap()
                for layer in variables.groupLayers(of: index) { Self.add(layer.variables, to: &values) }
                return values
            }()
        ofGroups[groups] = values
        for layer in variables.hostLayers(of: index) { Self.add(layer.variables, to: &values) }
        Self.add(extra, to: &values)
        return values
    }

    private func groupVariables(_ group: InventoryGroup) -> ValueMap { Self.values(groupTable(group)) }

    private func groupTable(_ group: InventoryGroup) -> InventoryVariables.Table {
        var table = variables.variables(ofGroup: group.name, besidePlaybook: hasPlaybookDirectory)
        if group.priority != 1 {
            table["ansible_group_priority"] = Located(.int(group.priority), at: SourceLocation(file: group.name))
        }
        return table
    }

    private static func values(_ table: InventoryVariables.Table) -> ValueMap {
        var map = ValueMap()
        add(table, to: &map)
        return map
    }

    private static func add(_ table: InventoryVariables.Table, to map: inout ValueMap) {
        map.reserveCapacity(map.count + table.count)
        for (name, located) in table where !internalNames.contains(name) { map[name] = value(located) }
    }

    /// Encrypted and unsafe texts are written as Ansible's own reader takes them back.
    private static func value(_ located: Located) -> Value {
        switch (located.value, located.place.handling) {
        case (.string, .vault): ["__ansible_vault": located.value]
        case (.string, .unsafe): ["__ansible_unsafe": located.value]
        case (.list, _) where !located.place.parts.isEmpty: .list(located.items.map(value))
        case (.map(let map), _) where !located.place.parts.isEmpty:
            .map(ValueMap(uniqueKeysWithValues: zip(map.keys, (located.entries ?? []).map { value($0.value) })))
        default: located.place.isSecret ? masked(located.value) : located.value
        }
    }

    /// Texts from encrypted files are shown to nobody.
    private static func masked(_ value: Value) -> Value {
        switch value {
        case .string: .string(Secret.mask)
        case .list(let items): .list(items.map(masked))
        case .map(let map): .map(map.mapValues(masked))
        default: value
        }
    }
}
