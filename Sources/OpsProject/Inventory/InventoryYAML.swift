import OpsCore
import OpsYAML

/// Reads YAML and JSON inventories (`plugins/inventory/yaml.py`).
struct InventoryYAML {
    private var builder: InventoryBuilder
    private(set) var warnings: [Diagnostic] = []
    private var depth = 0

    /// The builder with what the document adds.
    static func read(
        _ root: YAMLNode?, file: String, into builder: InventoryBuilder, warnings: inout [Diagnostic]
    ) throws(Diagnostic) -> InventoryBuilder {
        guard let root, !root.isNull, let entries = root.mapping, !entries.isEmpty else {
            let kind =
                root.map { $0.isNull ? "nothing" : $0.mapping == nil ? "a \($0.kindName)" : "nothing" } ?? "nothing"
            throw Diagnostic(
                code: "inventory-structure", "an inventory is a mapping of groups, and this file holds \(kind)",
                at: root?.location ?? SourceLocation(file: file))
        }
        if let plugin = root["plugin"], !plugin.isNull {
            throw Diagnostic(
                code: "inventory-plugin", "inventory plugins are not supported", at: plugin.location,
                hints: ["write a script that prints the inventory as JSON for --list"])
        }
        var reader = InventoryYAML(builder: builder)
        for entry in entries { _ = try reader.group(entry) }
        warnings += reader.warnings
        return reader.builder
    }

    private init(builder: InventoryBuilder) { self.builder = builder }

    /// nil if the entry is no group, which is only warned about.
    private mutating func group(_ entry: YAMLNode.Entry) throws(Diagnostic) -> Int? {
        guard entry.value.mapping != nil || entry.value.isNull else {
            warn(entry, "'\(entry.key.name)' is no group: its value is a \(entry.value.kindName)")
            return nil
        }
        guard let name = entry.key.string, !name.isEmpty else {
            throw Diagnostic(
                code: "inventory-group", "a group's name must be a text, not a \(entry.key.kindName)",
                at: entry.key.location,
                hints: ["quote it"])
        }
        guard depth < 100 else {
            throw Diagnostic(code: "inventory-depth", "groups are nested too deep", at: entry.key.location)
        }
        depth += 1
        defer { depth -= 1 }
        let index = builder.addGroup(name)
        for section in entry.value.mapping ?? [] { try read(section, of: index) }
        return index
    }

    private mutating func read(_ section: YAMLNode.Entry, of group: Int) throws(Diagnostic) {
        let key = section.key.name
        guard let kind = Section(rawValue: key) else {
            let hints = NearestName.hints(for: key, in: Section.allCases.map(\.rawValue))
            warn(
                section, "unexpected key '\(key)' in a group is skipped",
                hints.isEmpty ? ["a group holds hosts, vars and children"] : hints)
            return
        }
        if section.value.isNull { return }
        for entry in try entries(section, key) {
            switch kind {
            case .vars: try variable(entry, group: group)
            case .children: try child(entry, of: group)
            case .hosts: try host(entry, group: group)
            }
        }
    }

    private enum Section: String, CaseIterable { case vars, children, hosts }

    /// A bare text is a mapping with that key.
    private func entries(_ section: YAMLNode.Entry, _ key: String) throws(Diagnostic) -> [YAMLNode.Entry] {
        if let entries = section.value.mapping { return entries }
        if section.value.string != nil {
            return [.init(key: section.value, value: YAMLNode(.scalar(.null), at: section.value.location))]
        }
        let hint = section.value.sequence != nil ? ["write 'name:' instead of '- name'"] : []
        throw Diagnostic(
            code: "inventory-structure", "'\(key)' must be a mapping, not a \(section.value.kindName)",
            at: section.value.location,
            hints: hint)
    }

    private mutating func variable(_ entry: YAMLNode.Entry, group: Int) throws(Diagnostic) {
        let variable = LocatedVariable(name: entry.key.name, value: Located(entry.value))
        do { try builder.set(variable, group: group) } catch { throw problem(error, entry.key) }
    }

    private mutating func child(_ entry: YAMLNode.Entry, of group: Int) throws(Diagnostic) {
        guard let child = try self.group(entry) else {
            throw Diagnostic(
                code: "inventory-structure",
                "the child '\(entry.key.name)' must be a mapping, not a \(entry.value.kindName)",
                at: entry.value.location)
        }
        do { try builder.addChild(child, to: group) } catch { throw problem(error, entry.key) }
    }

    private mutating func host(_ entry: YAMLNode.Entry, group: Int) throws(Diagnostic) {
        guard let pattern = entry.key.string else {
            throw Diagnostic(
                code: "inventory-host", "a host's name must be a text, not a \(entry.key.kindName)",
                at: entry.key.location,
                hints: ["quote it"])
        }
        let (names, port) = try InventoryHosts.names(pattern) { message in
            Diagnostic(code: "inventory-host", message, at: entry.key.location)
        }
        guard entry.value.mapping != nil || entry.value.isEmpty else {
            throw Diagnostic(
                code: "inventory-structure", "a host's variables must be a mapping, not a \(entry.value.kindName)",
                at: entry.value.location)
        }
        let variables = (entry.value.mapping ?? []).map {
            LocatedVariable(name: $0.key.name, value: Located($0.value))
        }
        do {
            for name in names {
                let index = try builder.addHost(name, to: group, port: port, at: entry.key.location)
                for variable in variables { try builder.set(variable, host: index) }
            }
        } catch { throw problem(error, entry.key) }
    }

    private func problem(_ problem: InventoryBuilder.Problem, _ node: YAMLNode) -> Diagnostic {
        Diagnostic(code: "inventory", problem.message, at: node.location)
    }

    private mutating func warn(_ entry: YAMLNode.Entry, _ message: String, _ hints: [String] = []) {
        warnings.append(Diagnostic(.warning, code: "inventory-skipped", message, at: entry.key.location, hints: hints))
    }
}
