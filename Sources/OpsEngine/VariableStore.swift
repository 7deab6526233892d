import OpsCore
import OpsProject
import OpsSteps
import Synchronization

/// The variables of every host of a run. Hosts read each other's through `hostvars`, so they live in one place.
public final class VariableStore: Sendable {
    private struct State {
        var hosts: [String: HostVariables] = [:]
        var run = RunState()
        /// Of the play that runs; what stands beside it counts for the hosts as well that it doesn't run on.
        var playbookDirectory: String? {
            didSet {
                guard playbookDirectory != oldValue else { return }
                for host in hosts.keys { hosts[host]?.playbookDirectory = playbookDirectory }
            }
        }
    }

    private let inventory: InventoryVariables
    private let given: RunVariables
    private let templar: Templar
    private let state: Mutex<State>

    /// - Parameter given: extra variables and secrets.
    public init(inventory: InventoryVariables, given: RunVariables, run: RunState, templar: Templar) {
        self.inventory = inventory
        self.given = given
        self.templar = templar
        state = Mutex(State(run: run))
    }

    private func variables(_ host: String, in state: inout State) -> HostVariables {
        if let known = state.hosts[host] { return known }
        var new = HostVariables(host: host, inventory: inventory, run: given, state: state.run)
        new.playbookDirectory = state.playbookDirectory
        state.hosts[host] = new
        return new
    }

    private func variables(_ host: String) -> HostVariables { state.withLock { variables(host, in: &$0) } }

    private func change(_ host: String, _ body: (inout HostVariables) -> Void) {
        state.withLock { state in
            var changed = variables(host, in: &state)
            body(&changed)
            state.hosts[host] = changed
        }
    }

    // MARK: Reading

    /// What templates see of a host in a step.
    public func scope(_ host: String, step: Step? = nil, locals: [String: Value] = [:]) -> StepScope {
        variables(host).scope(for: step, locals: locals, templar: templar, others: known)
    }

    /// The variables of a host that the inventory has.
    private func known(_ host: String) -> HostVariables? {
        inventory.inventory[host: host] == nil ? nil : variables(host)
    }

    /// What the words of a play itself (`hosts`, `serial`) see: variables that don't belong to a host.
    func scope(play: Play, files: ProjectFiles) throws -> StepScope {
        var variables = HostVariables(host: "localhost", inventory: inventory, run: given, state: state.withLock { $0.run })
        var findings = DiagnosticCollector()
        let own = PlayVariables(play, files: files, into: &findings)
        // Files whose names depend on a host can't be read for the play as a whole.
        try? variables.enter(own, templar: templar, files: files, others: known)
        return variables.scope(for: nil, templar: templar)
    }

    /// The variables that say how to reach a host, as far as they're set, rendered.
    public func connectionSettings(of host: String) throws -> [String: Value] {
        guard inventory.inventory[host: host] != nil else { return [:] }
        let scope = scope(host)
        var settings: [String: Value] = [:]
        for name in ConnectionVariables.names { settings[name] = try scope.value(of: name) }
        let isUserSet = settings["ansible_user"] != nil || settings["ansible_ssh_user"] != nil
        for (name, keyword) in variables(host).playConnection where settings[name] == nil && !(name == "ansible_user" && isUserSet) {
            settings[name] = try templar.render(keyword, scope)
        }
        for (name, value) in settings where name.contains("pass") { Secret(password: value).map(templar.hide) }
        return settings
    }

    // MARK: Changes

    /// What the command line says about the run, for `ansible_check_mode` and its like.
    func set(_ options: RunOptions) {
        state.withLock { state in
            state.run.checkMode = options.checkMode
            state.run.diffMode = options.diff
            state.run.forks = options.forks
            if !options.tags.isEmpty { state.run.runTags = options.tags }
            state.run.skipTags = options.skipTags
        }
    }

    /// Begins a play for a batch of hosts.
    /// - Throws: `DiagnosticError` with what is wrong with its `vars_files`.
    public func begin(_ play: Play, hosts: [String], batch: [String], files: ProjectFiles) throws {
        var findings = DiagnosticCollector()
        let own = PlayVariables(play, files: files, into: &findings)
        inventory.load(playbookDirectory: play.directory, files: files, into: &findings)
        state.withLock { state in
            state.playbookDirectory = play.directory
            state.run.playHostsAll = hosts
            state.run.playHosts = hosts
            state.run.playBatch = batch
        }
        for host in batch {
            var variables = variables(host)
            variables.state = state.withLock { $0.run }
            try findings.collect { try variables.enter(own, templar: templar, files: files, others: known) }
            let entered = variables
            state.withLock { $0.hosts[host] = entered }
        }
        try findings.throwIfErrors()
    }

    func set(_ host: String, _ name: String, _ value: Value) { change(host) { $0.set(name, value) } }

    func setFacts(_ host: String, _ facts: ValueMap) { change(host) { $0.setFacts(facts) } }

    func setCacheable(_ host: String, _ facts: ValueMap) { change(host) { $0.setCacheable(facts) } }

    func include(_ host: String, _ variables: [LocatedVariable]) { change(host) { $0.include(variables) } }

    func include(_ host: String, _ roles: [Role]) { change(host) { $0.include(roles) } }

    func clearFacts(_ host: String) { change(host) { $0.clearFacts() } }
}
