import OpsCore
import OrderedCollections
import Synchronization

/// An inventory with the `group_vars` and `host_vars` that belong to it.
public struct InventoryVariables: Sendable {
    public private(set) var inventory: Inventory
    /// The magic variable `groups`.
    private(set) var groupMap: ValueMap
    private var inventoryFiles = VarsTree()
    private let playbookFiles = PlaybookVars()
    /// Where no play says which playbook it is of.
    private let playbookDirectory: String?

    typealias Table = OrderedDictionary<String, Located>

    /// Reads the files for all groups and hosts of the inventory.
    ///
    /// - Parameter playbookDirectory: its `group_vars` and `host_vars` win over those beside the inventory, for
    ///   hosts that are in no play; a play looks beside its own playbook.
    public init(
        _ inventory: Inventory, playbookDirectory: String?, files: ProjectFiles,
        into diagnostics: inout DiagnosticCollector
    ) {
        self.inventory = inventory
        self.playbookDirectory = playbookDirectory.map(files.absolute)
        groupMap = inventory.groupMap
        for directory in inventory.variableDirectories {
            inventoryFiles.read(directory, for: inventory, files, &diagnostics)
        }
        if let playbookDirectory { load(playbookDirectory: playbookDirectory, files: files, into: &diagnostics) }
    }

    /// Reads `group_vars` and `host_vars` beside a playbook, once.
    public func load(
        playbookDirectory: String, files: ProjectFiles, into diagnostics: inout DiagnosticCollector
    ) {
        let directory = files.absolute(playbookDirectory)
        if playbookFiles[directory] != nil { return }
        var tree = VarsTree()
        // Those beside the inventory are read already; the same files once more would change nothing.
        if inventory.variableDirectories != [directory] { tree.read(directory, for: inventory, files, &diagnostics) }
        playbookFiles[directory] = tree
    }

    private func tree(_ playbookDirectory: String?) -> VarsTree {
        (playbookDirectory ?? self.playbookDirectory).flatMap { playbookFiles[$0] } ?? VarsTree()
    }

    /// What the inventory and its files set for a host, lowest level first.
    ///
    /// - Parameter playbookDirectory: absolute; nil for the one given at the start.
    func layers(of host: String, playbookDirectory: String? = nil) -> [VariableLayer] {
        let beside = tree(playbookDirectory)
        guard let index = inventory.hostIndex[host] else { return implicitLayers(of: host, beside) }
        return groupLayers(of: index, beside) + hostLayers(of: index, beside)
    }

    /// What the groups of a host set; the same for all hosts that the same groups name.
    func groupLayers(of index: Int) -> [VariableLayer] { groupLayers(of: index, tree(nil)) }

    private func groupLayers(of index: Int, _ playbookFiles: VarsTree) -> [VariableLayer] {
        let groups = inventory.mergeOrder(of: index).filter { $0 != 0 }.map { inventory.groups[$0] }
        var layers = [VariableLayer(.inventoryGroup, inventory.groups[0].table)]
        layers += groups.map { VariableLayer(.inventoryGroup, $0.table) }
        layers.append(VariableLayer(.inventoryGroupVarsAll, inventoryFiles.groups["all"] ?? VariableTable()))
        layers.append(VariableLayer(.playbookGroupVarsAll, playbookFiles.groups["all"] ?? VariableTable()))
        layers += inventoryFiles.layers(.inventoryGroupVars, groups)
        layers += playbookFiles.layers(.playbookGroupVars, groups)
        return layers.filter { !$0.variables.isEmpty }
    }

    /// What is set for the host itself.
    func hostLayers(of index: Int) -> [VariableLayer] { hostLayers(of: index, tree(nil)) }

    private func hostLayers(of index: Int, _ playbookFiles: VarsTree) -> [VariableLayer] {
        let host = inventory.hosts[index]
        let layers = [
            VariableLayer(.inventoryHost, host.table),
            VariableLayer(.inventoryHostVars, inventoryFiles.hosts[host.name] ?? VariableTable()),
            VariableLayer(.playbookHostVars, playbookFiles.hosts[host.name] ?? VariableTable()),
        ]
        return layers.filter { !$0.variables.isEmpty }
    }

    /// `localhost` without an entry in the inventory sees the variables of `all`, and those of its own files.
    private func implicitLayers(of host: String, _ playbookFiles: VarsTree) -> [VariableLayer] {
        guard let implicit = inventory[host: host] else { return [] }
        return [
            VariableLayer(.inventoryGroup, inventory.groups[0].table),
            VariableLayer(.inventoryGroupVarsAll, inventoryFiles.groups["all"] ?? VariableTable()),
            VariableLayer(.playbookGroupVarsAll, playbookFiles.groups["all"] ?? VariableTable()),
            VariableLayer(.inventoryHost, implicit.table),
        ].filter { !$0.variables.isEmpty }
    }

    /// Variables of a group itself: inline, then from files.
    func variables(ofGroup name: String, besidePlaybook: Bool = true) -> Table {
        var table = inventory[group: name]?.vars ?? [:]
        let files = [inventoryFiles.groups[name], besidePlaybook ? tree(nil).groups[name] : nil]
        for more in files.compactMap({ $0 }) { table.merge(more.current) { $1 } }
        return table
    }

    /// Variables of a host itself: inline, then from files.
    func variables(ofHost name: String, besidePlaybook: Bool = true) -> Table {
        var table = inventory[host: name]?.vars ?? [:]
        let files = [inventoryFiles.hosts[name], besidePlaybook ? tree(nil).hosts[name] : nil]
        for more in files.compactMap({ $0 }) { table.merge(more.current) { $1 } }
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

/// What stands beside playbooks, by directory; shared by the hosts of a run.
private final class PlaybookVars: Sendable {
    private let trees = Mutex<[String: VarsTree]>([:])

    subscript(directory: String) -> VarsTree? {
        get { trees.withLock { $0[directory] } }
        set { trees.withLock { $0[directory] = newValue } }
    }
}

/// The variables in one kind of directory, by name of group and host.
private struct VarsTree: Sendable {
    var groups: [String: VariableTable] = [:]
    var hosts: [String: VariableTable] = [:]

    mutating func read(
        _ directory: String, for inventory: Inventory, _ files: ProjectFiles, _ diagnostics: inout DiagnosticCollector
    ) {
        Self.read("\(directory)/group_vars", inventory.groups.map(\.name), files, into: &groups, &diagnostics)
        Self.read("\(directory)/host_vars", inventory.hosts.map(\.name), files, into: &hosts, &diagnostics)
    }

    private static func read(
        _ directory: String, _ names: [String], _ files: ProjectFiles,
        into tables: inout [String: VariableTable],
        _ diagnostics: inout DiagnosticCollector
    ) {
        // One listing instead of four questions for each of thousands of hosts.
        let present = files.names(in: directory)
        if present.isEmpty { return }
        let stems = Set(present.flatMap { name in [name, String(name.dropLast(name.pathExtension.count + 1))] })
        for name in names where (stems.contains(name) || name.contains("/")) && !name.hasPrefix("/") {
            for path in VarsFiles.paths(named: name, in: directory, files) {
                for variable in files.variables(path, into: &diagnostics) {
                    tables[name, default: VariableTable()].set(variable)
                }
            }
        }
    }

    func layers(_ level: VariableLevel, _ groups: [InventoryGroup]) -> [VariableLayer] {
        groups.compactMap { self.groups[$0.name] }.map { VariableLayer(level, $0) }
    }
}
