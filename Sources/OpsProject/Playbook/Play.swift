import OpsCore

/// A playbook as loaded: checked, imports resolved, nothing rendered yet.
public struct Playbook: Sendable {
    /// As the user named it.
    public var path: String
    public var plays: [Play]

    public init(path: String, plays: [Play]) {
        self.path = path
        self.plays = plays
    }
}

/// A host pattern joined to steps and handlers.
public struct Play: Sendable {
    public var location: SourceLocation
    public var name: Located?
    /// The host pattern; a list is joined by commas.
    public var hosts: Located
    /// The playbook's path as the user would type it.
    public var playbook: String = ""
    /// The playbook's directory: where `files/`, `templates/` and relative paths are looked for.
    public var directory: String
    public var vars: [LocatedVariable] = []
    /// `vars_prompt`
    public var prompts: [VarsPrompt] = []
    /// Each entry: a path, or a list of which the first existing one is taken.
    public var varsFiles: [Located] = []
    /// nil: only if something uses facts.
    public var gatherFacts: Bool?
    /// Already in every step's keywords.
    public var keywords = Keywords()
    /// Batch sizes: integers or percentages, last one repeated. Empty: all hosts at once.
    public var serial: [Located] = []
    public var maxFailPercentage: Located?
    public var order: HostOrder = .inventory
    public var forceHandlers = false
    public var preSteps: [StepNode] = []
    public var roles: [Role] = []
    /// What `import_role` names in its steps; they stand among those already.
    public var importedRoles: [Role] = []
    public var steps: [StepNode] = []
    public var postSteps: [StepNode] = []
    public var handlers: [Step] = []

    /// What runs, in this order; handlers, which run when something asks for them, are not among it.
    public var nodes: [StepNode] { preSteps + roles.flatMap(\.steps) + steps + postSteps }

    public enum HostOrder: String, Sendable, CaseIterable {
        case inventory, sorted, shuffle
        case reverseInventory = "reverse_inventory"
        case reverseSorted = "reverse_sorted"
    }

    public init(location: SourceLocation, hosts: Located, directory: String) {
        self.location = location
        self.hosts = hosts
        self.directory = directory
    }
}

/// A role as a play applies it, with its files read.
public struct Role: Sendable {
    public var name: String
    public var location: SourceLocation
    public var directory: String
    public var defaults: [LocatedVariable] = []
    public var vars: [LocatedVariable] = []
    /// `vars:` and extra keys given where the role is applied.
    public var parameters: [LocatedVariable] = []
    /// Parameters of the role that depends on this one; its own win.
    public var inheritedParameters: [LocatedVariable] = []
    /// Defaults and variables of the roles that it depends on, then of those that depend on it; its own win.
    public var inheritedDefaults: [LocatedVariable] = []
    public var inheritedVars: [LocatedVariable] = []
    public var keywords = Keywords()
    public var steps: [StepNode] = []
    public var handlers: [Step] = []
    /// Another role depends on it; the play doesn't name it itself.
    public var isDependency = false
    /// All steps of the play see its defaults and variables.
    public var isPublic = true
    /// Runs as often as it is applied, not once.
    public var allowsDuplicates = false
    /// What its steps are given to know of it.
    public var context: RoleContext {
        RoleContext(
            name: name, directory: directory, defaults: inheritedDefaults + defaults, vars: inheritedVars + vars,
            parameters: inheritedParameters + parameters)
    }

    public init(name: String, location: SourceLocation, directory: String) {
        self.name = name
        self.location = location
        self.directory = directory
    }
}
