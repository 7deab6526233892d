import OpsCore
import OrderedCollections

/// An inventory with the `group_vars` and `host_vars` that belong to it.
public struct InventoryVariables: Sendable {
    public private(set) var inventory: Inventory
    /// The magic variable `groups`.
    private(set) var groupMap: ValueMap
    private var inventoryFiles = VarsTree()
    private var playbookFiles = VarsTree()

    typealias Table = OrderedDictionary<String, Located>

    /// Reads the files for all groups and hosts of the inventory.
    ///
    /// - Parameter playbookDirectory: its `group_vars` and `host_vars` win over those beside the inventory.
    public init(
        _ inventory: Inventory, playbookDirectory: String?, files: ProjectFiles,
        into diagnostics: inout DiagnosticCollector
    ) {
        self.inventory = inventory
        groupMap = inventory.groupMap
        for directory in inventory.variableDirectories {
            inventoryFiles.read(directory, for: inventory, files, &diagnostics)
        }
        guard let playbookDirectory else { return }
        playbookFiles.read(files.absolute(playbookDirectory), for: inventory, files, &diagnostics)
    }

    /// What the inventory and its files set for a host, lowest level first.
    func layers(of host: String) -> [VariableLayer] {
        guard let index = inventory.hostIndex[host] else { return implicitLayers(of: host) }
        return groupLayers(of: index) + hostLayers(of: index)
    }

    /// What the groups of a host set; the same for all hosts that the same groups name.
    func groupLayers(of index: Int) -> [VariableLayer] {
        let groups = inventory.mergeOrder(of: index).filter { $0 != 0 }.map { inventory.groups[$0] }
        var layers = [VariableLayer(.inventoryGroup, inventory.groups[0].vars)]
        layers += groups.map { VariableLayer(.inventoryGroup, $0.vars) }
        layers.append(VariableLayer(.inventoryGroupVarsAll, inventoryFiles.groups["all"] ?? [:]))
        layers.append(VariableLayer(.playbookGroupVarsAll, playbookFiles.groups["all"] ?? [:]))
        layers += inventoryFiles.layers(.inventoryGroupVars, groups)
        layers += playbookFiles.layers(.playbookGroupVars, groups)
        return layers.filter { !$0.variables.isEmpty }
    }

    /// What is set for the host itself.
    func hostLayers(of index: Int) -> [VariableLayer] {
        let host = inventory.hosts[index]
        let layers = [
            VariableLayer(.inventoryHost, host.vars),
            VariableLayer(.inventoryHostVars, inventoryFiles.hosts[host.name] ?? [:]),
            VariableLayer(.playbookHostVars, playbookFiles.hosts[host.name] ?? [:]),
        ]
        return layers.filter { !$0.variables.isEmpty }
    }

    /// `localhost` without an entry in the inventory sees the variables of `all`, and those of its own files.
    private func implicitLayers(of host: String) -> [VariableLayer] {
        guard let implicit = inventory[host: host] else { return [] }
        return [
            VariableLayer(.inventoryGroup, inventory.groups[0].vars),
            VariableLayer(.inventoryGroupVarsAll, inventoryFiles.groups["all"] ?? [:]),
            VariableLayer(.playbookGroupVarsAll, playbookFiles.groups["all"] ?? [:]),
            VariableLayer(.inventoryHost, implicit.vars),
        ].filter { !$0.variables.isEmpty }
    }

    /// Variables of a group itself: inline, then from files.
    func variables(ofGroup name: String) -> Table {
        var table = inventory[group: name]?.vars ?? [:]
        for more in [inventoryFiles.groups[name], playbookFiles.groups[name]] { table.merge(more ?? [:]) { $1 } }
        return table
    }

    /// Variables of a host itself: inline, then from files.
    func variables(ofHost name: String) -> Table {
        var table = inventory[host: name]?.vars ?? [:]
        for more in [inventoryFiles.hosts[name], playbookFiles.hosts[name]] { table.merge(more ?? [:]) { $1 } }
        return table
    }

    /// What `add_host` does: adds a host, puts it into groups, sets its variables.
    public mutating func add(host: String, groups: [String], variables: [String: Value], at location: SourceLocation) {
        inventory.add(host: host, groups: groups, variables: variables, at: location)
        groupMap = inventory.groupMap
    }

    /// What `group_by` does: puts a host into a group below others.
    public mutating func add(host: String, toGroup group: String, parents: [String]) {
        inventory.add(host: host, toGroup: group, parents: parents)
        groupMap = inventory.groupMap
    }
}

/// The variables in one kind of directory, by name of group and host.
private struct VarsTree: Sendable {
    var groups: [String: InventoryVariables.Table] = [:]
    var hosts: [String: InventoryVariables.Table] = [:]

    mutating func read(
        _ directory: String, for inventory: Inventory, _ files: ProjectFiles, _ diagnostics: inout DiagnosticCollector
    ) {
        Self.read("\(directory)/group_vars", inventory.groups.map(\.name), files, into: &groups, &diagnostics)
        Self.read("\(directory)/host_vars", inventory.hosts.map(\.name), files, into: &hosts, &diagnostics)
    }

    private static func read(
        _ directory: String, _ names: [String], _ files: ProjectFiles,
        into tables: inout [String: InventoryVariables.Table],
        _ diagnostics: inout DiagnosticCollector
    ) {
        // One listing instead of four questions for each of thousands of hosts.
        let present = files.names(in: directory)
        if present.isEmpty { return }
        let stems = Set(present.flatMap { name in [name, String(name.dropLast(name.pathExtension.count + 1))] })
        for name in names where stems.contains(name) && !name.hasPrefix("/") {
            for path in VarsFiles.paths(named: name, in: directory, files) {
                for variable in files.variables(path, into: &diagnostics) {
                    tables[name, default: [:]][variable.name] = variable.value
                }
            }
        }
    }

    func layers(_ level: VariableLevel, _ groups: [InventoryGroup]) -> [VariableLayer] {
        groups.compactMap { self.groups[$0.name] }.map { VariableLayer(level, $0) }
    }
}
