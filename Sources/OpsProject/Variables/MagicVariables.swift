import OpsCore
import OrderedCollections

/// Variables that opsctl gives by itself. They can't be overridden.
struct MagicVariables {
    let variables: HostVariables
    let step: Step?
    let files: ProjectFiles
    /// False leaves out what is said of the play, as `hostvars` does.
    var isInPlay = true

    static let names = [
        "inventory_hostname", "inventory_hostname_short", "inventory_file", "inventory_dir", "group_names", "groups",
        "playbook_dir", "play_hosts", "ansible_play_hosts", "ansible_play_batch", "ansible_play_hosts_all",
        "ansible_play_name", "ansible_play_role_names", "role_names", "ansible_role_names", "ansible_dependent_role_names",
        "ansible_search_path", "ansible_facts", "ansible_check_mode", "ansible_diff_mode", "ansible_forks",
        "ansible_limit", "ansible_run_tags", "ansible_skip_tags", "ansible_verbosity", "ansible_inventory_sources",
        "ansible_version", "opsctl_version", "omit",
    ]

    static let ofRoles = ["role_name", "ansible_role_name", "role_path"]

    /// They have a value in every step, which variables of users win over.
    static let ofConnections = [
        "ansible_host", "ansible_ssh_host", "ansible_connection", "ansible_timeout", "ansible_ssh_timeout",
        "ansible_shell_executable",
    ]

    /// Names that mean the same, each with its other one.
    static let aliases = [
        "ansible_host": "ansible_ssh_host", "ansible_ssh_host": "ansible_host", "ansible_user": "ansible_ssh_user",
        "ansible_ssh_user": "ansible_user", "ansible_port": "ansible_ssh_port", "ansible_ssh_port": "ansible_port",
        "ansible_timeout": "ansible_ssh_timeout", "ansible_ssh_timeout": "ansible_timeout",
    ]

    private static let ofPlays: Set<String> = [
        "ansible_play_name", "ansible_play_role_names", "role_names", "ansible_role_names", "ansible_dependent_role_names",
        "ansible_search_path", "play_hosts", "ansible_play_batch", "ansible_play_hosts", "ansible_play_hosts_all",
    ]

    /// The value; nil if the name is none of these.
    func value(of name: String) -> Value? {
        if !isInPlay, Self.ofPlays.contains(name) { return nil }
        switch name {
        case "inventory_hostname": return .string(variables.host)
        case "inventory_hostname_short": return .string(shortName)
        case "inventory_file", "inventory_dir", "group_names", "groups", "ansible_inventory_sources":
            return inventory(name)
        case "playbook_dir": return (variables.currentPlay?.directory ?? variables.playbookDirectory).map(Value.string)
        case "ansible_play_name": return variables.currentPlay.map { $0.name?.value ?? $0.hosts.value }
        case "ansible_play_role_names", "role_names", "ansible_role_names", "ansible_dependent_role_names":
            return variables.currentPlay == nil ? nil : list(roles(name))
        case "ansible_search_path": return searchPath.map(list)
        case "role_name", "ansible_role_name": return step?.role.map { .string($0.name) }
        case "role_path": return step?.role.map { .string($0.directory) }
        case "omit": return Omit.value
        default: return run(name)
        }
    }

    private func roles(_ name: String) -> [String] {
        let roles = variables.knownRoles
        switch name {
        case "ansible_role_names": return Array(OrderedSet(roles.map(\.name)))
        case "ansible_dependent_role_names": return Array(OrderedSet(roles.filter(\.isDependency).map(\.name)))
        default: return roles.filter { !$0.isDependency }.map(\.name)
        }
    }

    /// Where the files that a step names are looked for.
    private var searchPath: [String]? {
        guard let play = variables.currentPlay else { return nil }
        return Array(OrderedSet([step?.role?.directory, step?.directory, play.directory].compactMap { $0 }))
    }

    /// One of `ofConnections`, but for what keywords of the step or play say.
    func connection(_ name: String) -> Value? {
        switch name {
        case "ansible_host", "ansible_ssh_host":
            let isImplicit = variables.inventory.inventory.hostIndex[variables.host] == nil
            return .string(isImplicit && Inventory.localNames.contains(variables.host) ? "127.0.0.1" : variables.host)
        case "ansible_timeout", "ansible_ssh_timeout": return 10
        case "ansible_shell_executable": return "/bin/sh"
        default: return nil
        }
    }

    /// An address is short already.
    private var shortName: String {
        let name = variables.host
        let isAddress = name.contains(":") || name.allSatisfy { $0.isNumber || $0 == "." }
        return isAddress ? name : String(name.prefix { $0 != "." })
    }

    private func inventory(_ name: String) -> Value {
        let inventory = variables.inventory.inventory
        let source = inventory[host: variables.host]?.source
        switch name {
        case "inventory_file": return source.map { .string($0) } ?? .null
        case "inventory_dir":
            return source.flatMap { $0.hasPrefix("/") ? .string(ProjectFiles.directory(of: $0)) : nil } ?? .null
        case "group_names": return list(inventory.groupNames(of: variables.host))
        case "groups": return .map(variables.inventory.groupMap)
        default: return list(inventory.sources.map { $0.contains(",") ? $0 : files.absolute($0) })
        }
    }

    private func run(_ name: String) -> Value? {
        let state = variables.state
        switch name {
        case "play_hosts", "ansible_play_batch": return list(state.playBatch)
        case "ansible_play_hosts": return list(state.playHosts)
        case "ansible_play_hosts_all": return list(state.playHostsAll)
        case "ansible_check_mode": return .bool(state.checkMode)
        case "ansible_diff_mode": return .bool(state.diffMode)
        case "ansible_forks": return .int(state.forks)
        case "ansible_limit": return state.limit.map { .string($0) }
        case "ansible_run_tags": return list(state.runTags)
        case "ansible_skip_tags": return list(state.skipTags)
        case "ansible_verbosity": return .int(state.verbosity)
        case "opsctl_version": return .string(state.version)
        case "ansible_version": return Self.ansibleVersion
        default: return nil
        }
    }

    /// Playbooks ask whether Ansible is new enough: what is compatible here is 2.19.
    private static let ansibleVersion: Value = [
        "full": "2.19.0", "string": "2.19.0", "major": 2, "minor": 19, "revision": 0,
    ]

    private func list(_ names: [String]) -> Value { .list(names.map { .string($0) }) }

    /// Names that have a value here, for hints.
    var known: [String] {
        let names = isInPlay ? Self.names : Self.names.filter { !Self.ofPlays.contains($0) && $0 != "omit" }
        return names + (step?.role == nil ? [] : Self.ofRoles)
    }
}

/// The variable `omit`: an argument with this value counts as not given.
public enum Omit {
    static let token = "__omit_place_holder__8d7f2c61b0a94e53"

    public static let value = Value.string(token)

    /// The value without the entries that are `omit`; nil if it is `omit` itself.
    static func removed(from value: Value) -> Value? {
        switch value {
        case .string(token): return nil
        case .list(let items): return .list(items.compactMap { removed(from: $0) })
        case .map(let map):
            var kept = ValueMap()
            for (key, value) in map { if let value = removed(from: value) { kept[key] = value } }
            return .map(kept)
        default: return value
        }
    }
}
