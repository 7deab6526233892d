/// Where a variable was set. Of several candidates the one of the highest level is taken.
///
/// Ansible's order of precedence (its documentation, "Understanding variable precedence"); options of the
/// command line are no variables. Files under `secrets/` stand above all inventory variables.
public enum VariableLevel: Int, Sendable, CaseIterable, Comparable {
    case roleDefaults
    case inventoryGroup
    case inventoryGroupVarsAll
    case playbookGroupVarsAll
    case inventoryGroupVars
    case playbookGroupVars
    case inventoryHost
    case inventoryHostVars
    case playbookHostVars
    case secrets
    case facts
    case play
    case varsPrompt
    case varsFiles
    case role
    case block
    case step
    case includeVars
    /// `set_fact` and `register`
    case registered
    case roleParameters
    case includeParameters
    case extra
    /// Names that opsctl itself gives, such as `inventory_hostname`.
    case magic
    /// Loop variables of the step that is running.
    case local

    public static func < (a: VariableLevel, b: VariableLevel) -> Bool { a.rawValue < b.rawValue }

    /// For people.
    public var title: String {
        switch self {
        case .roleDefaults: "role defaults"
        case .inventoryGroup: "group variable of the inventory"
        case .inventoryGroupVarsAll: "inventory group_vars/all"
        case .playbookGroupVarsAll: "playbook group_vars/all"
        case .inventoryGroupVars: "inventory group_vars"
        case .playbookGroupVars: "playbook group_vars"
        case .inventoryHost: "host variable of the inventory"
        case .inventoryHostVars: "inventory host_vars"
        case .playbookHostVars: "playbook host_vars"
        case .secrets: "secrets"
        case .facts: "facts"
        case .play: "play vars"
        case .varsPrompt: "play vars_prompt"
        case .varsFiles: "play vars_files"
        case .role: "role vars"
        case .block: "block vars"
        case .step: "step vars"
        case .includeVars: "include_vars"
        case .registered: "set_fact or register"
        case .roleParameters: "role parameters"
        case .includeParameters: "include parameters"
        case .extra: "extra vars (-e)"
        case .magic: "set by opsctl"
        case .local: "loop variable"
        }
    }
}
