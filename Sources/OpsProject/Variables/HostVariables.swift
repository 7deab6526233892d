import OpsCore
import OrderedCollections

/// All variables of one host: what the project sets, and what the run finds out.
///
/// A value that the engine keeps for each host. Nothing is rendered until it is used.
public struct HostVariables: Sendable {
    /// Finds another host's variables, for `hostvars`.
    public typealias Others = @Sendable (_ host: String) -> HostVariables?

    public let host: String
    /// Changes when steps add hosts or groups.
    public var inventory: InventoryVariables { didSet { readInventory() } }
    public var state: RunState
    private let run: RunVariables
    private var inventoryLayers: [VariableLayer]
    private var play: PlayVariables?
    private var facts: OrderedDictionary<String, Located> = [:]
    private var varsFiles: [VariableLayer] = []
    private var includeVars: OrderedDictionary<String, Located> = [:]
    private var registered: OrderedDictionary<String, Located> = [:]
    /// Roles that steps of this play included, each after those that it depends on.
    private var includedRoles: [Role] = []

    public init(host: String, inventory: InventoryVariables, run: RunVariables, state: RunState = RunState()) {
        self.host = host
        self.inventory = inventory
        self.run = run
        self.state = state
        inventoryLayers = inventory.layers(of: host)
    }

    /// Whose `group_vars` and `host_vars` count as long as the host is in no play; nil for the inventory's own idea.
    public var playbookDirectory: String? { didSet { readInventory() } }

    private mutating func readInventory() {
        inventoryLayers = inventory.layers(of: host, playbookDirectory: play?.play.directory ?? playbookDirectory)
    }

    /// Other hosts as the inventory and the files beside a playbook have them.
    private func others(near directory: String) -> Others {
        { [inventory, run, state] name in
            guard inventory.inventory[host: name] != nil else { return nil }
            var other = HostVariables(host: name, inventory: inventory, run: run, state: state)
            other.playbookDirectory = directory
            return other
        }
    }

    /// The play that the host is in.
    var currentPlay: Play? { play?.play }

    /// What the play says about how to connect (`connection`, `remote_user`), by the variables that win over it.
    public var playConnection: [(name: String, value: Located)] {
        let keywords = play?.play.keywords
        return [("ansible_connection", keywords?.connection), ("ansible_user", keywords?.remoteUser)].compactMap { name, value in
            value.map { (name, $0) }
        }
    }

    // MARK: Changes during the run

    /// Begins a play: its variables replace those of the play before, and its `vars_files` are read.
    /// - Parameter others: for `hostvars` in the names of those files; nil where nothing runs that changes them.
    public mutating func enter(
        _ play: PlayVariables, templar: Templar, files: ProjectFiles, others: Others? = nil
    ) throws(DiagnosticError) {
        self.play = play
        varsFiles = []
        includedRoles = []
        var diagnostics = DiagnosticCollector()
        inventory.load(playbookDirectory: play.play.directory, files: files, into: &diagnostics)
        readInventory()
        let others = others ?? self.others(near: play.play.directory)
        for file in play.files {
            switch file {
            case .loaded(let layer): varsFiles.append(layer)
            case .dynamic(let paths):
                // Files that were read so far may be used in the names of those that follow.
                let scope = scope(for: nil, templar: templar, others: others)
                var names: [String] = []
                for path in paths {
                    do { names.append(try templar.text(path, scope)) } catch { diagnostics.add(error) }
                }
                guard let location = paths.first?.location, names.count == paths.count else { continue }
                if let layer = PlayVariables.load(names, play.play, files, at: location, &diagnostics) {
                    varsFiles.append(layer)
                }
            }
        }
        try diagnostics.throwIfErrors()
    }

    /// Sets a result: a fact, what `set_fact` or `register` keeps. Results are never rendered again.
    ///
    /// - Parameter level: `.facts` or `.registered`.
    public mutating func set(
        _ name: String, _ value: Value, level: VariableLevel = .registered, at location: SourceLocation? = nil
    ) {
        let located = Located(value, at: location ?? SourceLocation(file: host))
        if level == .facts { facts[name] = located } else { registered[name] = located }
    }

    /// Adds facts under their own names and below `ansible_facts`, there without the prefix `ansible_`.
    public mutating func setFacts(_ new: ValueMap) {
        var all = facts["ansible_facts"]?.value.map ?? [:]
        for (key, value) in new {
            guard let name = key.string else { continue }
            let short = name.hasPrefix("ansible_") ? String(name.dropFirst("ansible_".count)) : name
            all[short] = value
            // What says how to connect is the user's to set, never the host's.
            if !ConnectionVariables.names.contains("ansible_" + short) { set("ansible_" + short, value, level: .facts) }
        }
        set("ansible_facts", .map(all), level: .facts)
    }

    /// Adds what `set_fact` with `cacheable` keeps below `ansible_facts`, too.
    public mutating func setCacheable(_ new: ValueMap) {
        set("ansible_facts", .map((facts["ansible_facts"]?.value.map ?? [:]).merging(new) { $1 }), level: .facts)
    }

    /// Adds variables that `include_vars` read; they may use others.
    public mutating func include(_ variables: [LocatedVariable]) {
        for variable in variables { includeVars[variable.name] = variable.value }
    }

    /// Adds a role that a step included, after those that it depends on. Only a public one shows its defaults and
    /// variables to other steps; all of them have their names in `ansible_role_names`.
    public mutating func include(_ roles: [Role]) { includedRoles += roles }

    private var exposedRoles: [Role] { includedRoles.filter(\.isPublic) }

    /// Roles that the play names, imports or has included so far.
    var knownRoles: [Role] { (play?.play.roles ?? []) + (play?.play.importedRoles ?? []) + includedRoles }

    /// Forgets facts and everything that steps set (`meta: clear_facts` forgets facts only).
    public mutating func clearFacts() { facts = [:] }

    // MARK: Looking up

    /// What a template sees.
    ///
    /// - Parameters:
    ///   - step: whose variables and role are in scope; nil for none.
    ///   - locals: loop variables and the like; above all others.
    ///   - others: for `hostvars`.
    public func scope(
        for step: Step?, locals: [String: Value] = [:], templar: Templar, others: Others? = nil
    ) -> StepScope {
        StepScope(host: self, step: step, locals: locals, templar: templar, others: others)
    }

    /// Everything that applies to a step, lowest level first.
    ///
    /// - Parameter isInPlay: false leaves out what only the play says, as `hostvars` does.
    func layers(for step: Step?, isInPlay: Bool = true) -> [VariableLayer] {
        let play = isInPlay ? play : nil
        let exposed = isInPlay ? exposedRoles : []
        var layers = (play?.defaults ?? []) + exposed.map { VariableLayer(.roleDefaults, $0.defaults) }
        if let role = step?.role { layers.append(VariableLayer(.roleDefaults, role.defaults)) }
        layers += inventoryLayers
        layers.append(VariableLayer(.secrets, run.secrets, isFinal: true))
        layers.append(VariableLayer(.facts, facts, isFinal: true))
        if let play { layers += [play.vars, play.prompted] + varsFiles + play.roleVars }
        layers += exposed.map { VariableLayer(.role, $0.vars) }
        if let role = step?.role { layers.append(VariableLayer(.role, role.vars)) }
        if let step { layers.append(VariableLayer(.step, step.keywords.vars)) }
        layers.append(VariableLayer(.includeVars, includeVars))
        layers.append(VariableLayer(.registered, registered, isFinal: true))
        if let role = step?.role { layers.append(VariableLayer(.roleParameters, role.parameters)) }
        if let step { layers.append(VariableLayer(.includeParameters, step.keywords.includeParameters)) }
        layers.append(VariableLayer(.extra, run.extraTable))
        return layers.filter { !$0.variables.isEmpty }
    }
}

/// Variables that say how a host is reached (`docs` list them); facts never set them.
public enum ConnectionVariables {
    public static let names: Set<String> = [
        "ansible_host", "ansible_ssh_host", "ansible_port", "ansible_ssh_port", "ansible_user", "ansible_ssh_user",
        "ansible_password", "ansible_ssh_pass", "ansible_ssh_password", "ansible_private_key_file",
        "ansible_ssh_private_key_file", "ansible_ssh_common_args", "ansible_ssh_extra_args", "ansible_sftp_extra_args",
        "ansible_scp_extra_args", "ansible_host_key_checking", "ansible_ssh_host_key_checking", "ansible_ssh_timeout",
        "ansible_timeout", "ansible_ssh_retries", "ansible_pipelining", "ansible_ssh_pipelining",
        "ansible_ssh_transfer_method", "ansible_ssh_use_tty", "ansible_ssh_args", "ansible_connection",
        "ansible_shell_type", "ansible_shell_executable", "ansible_python_interpreter", "ansible_become",
        "ansible_become_method", "ansible_become_user", "ansible_become_password", "ansible_become_pass",
        "ansible_sudo_pass", "ansible_become_exe", "ansible_become_flags",
    ]
}
