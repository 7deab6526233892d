import Foundation
import OpsCore
import OpsEngine
import OpsProject
import OpsSecrets
import OpsSSH
import OpsSteps
import OpsTemplate
import OpsTransport

/// A project with one environment selected: everything that a command needs, loaded and checked.
struct Workspace: Sendable {
    let project: Project
    let environment: Project.Environment
    let inventory: InventoryVariables
    let given: RunVariables
    let templar: Templar
    let modules = ModuleRegistry()
    let redactor: Redactor
    let limit: String?
    let connection: ConnectionOptions
    let becomePassword: Secret?
    private let ssh: SSHConnector

    var root: String { project.root }
    var files: ProjectFiles { project.files }
    var environmentName: String { environment.name }
    var asksBeforeDeploy: Bool { environment.settings.confirm }
    var forks: Int? { environment.settings.forks }

    /// Finds the project around the current directory and loads the environment.
    /// - Parameters:
    ///   - name: as typed; nil if none was.
    ///   - opensSecrets: false for commands that only look at the inventory.
    ///   - playbookDirectory: whose `group_vars` and `host_vars` count until a play names its own; nil for `playbooks/`,
    ///     or the project itself if there is none.
    /// - Throws: `CommandFailure` with all findings at once.
    static func load(
        _ name: String?, _ options: EnvironmentOptions, opensSecrets: Bool = true, playbookDirectory: String? = nil
    ) throws -> Workspace {
        var findings = DiagnosticCollector()
        do {
            let workspace = try Workspace(name, options, opensSecrets: opensSecrets, playbookDirectory, &findings)
            if findings.hasErrors { throw CommandFailure(findings.diagnostics) }
            // A limit that selects nobody is a typo, not a wish to do nothing.
            if workspace.limit != nil { _ = try workspace.hosts(limit: workspace.limit) }
            Console.shared.show(findings.diagnostics)
            return workspace
        } catch {
            let failure = CommandFailure(wrapping: error)
            throw CommandFailure(
                findings.diagnostics + failure.diagnostics.filter { !findings.diagnostics.contains($0) }, status: failure.status)
        }
    }

    private init(
        _ name: String?, _ options: EnvironmentOptions, opensSecrets: Bool, _ playbookDirectory: String?,
        _ findings: inout DiagnosticCollector
    ) throws {
        let console = Console.shared
        let root = Project.findRoot(from: FileManager.default.currentDirectoryPath)
        let bare = Project(root: root, into: &findings)
        environment = try bare.environment(name, sources: options.inventory, fallback: console.environment["OPSCTL_ENV"])
        let keyring = try KeyringOptions(options: options, environment: environment, files: bare.files).keyring()
        var ignored = DiagnosticCollector()
        project = Project(root: root, keyring: keyring, into: &ignored)
        let loaded = InventoryLoader(files: project.files).load(environment.sources, into: &findings)
        let beside = playbookDirectory ?? (project.files.isDirectory("playbooks") ? "playbooks" : ".")
        inventory = InventoryVariables(loaded, playbookDirectory: beside, files: project.files, into: &findings)
        redactor = Redactor()
        var given = RunVariables()
        for argument in options.extraVars { given.add(extra: argument, files: project.files, into: &findings) }
        if opensSecrets {
            let redactor = redactor
            given.addSecrets(in: project.secretsDirectory(of: environment.name), files: project.files, into: &findings) { path, name in
                let value = try SecretFile.load(path, named: name, keyring: keyring)
                redactor.register(in: value)
                return value
            }
        }
        self.given = given
        templar = Templar(files: project.files, redactor: redactor)
        limit = options.limit
        connection = try ConnectionOptions(options, project.settings.ssh)
        becomePassword = options.askBecomePass ? try Prompt.secret("sudo password:") : nil
        if let becomePassword { redactor.register(becomePassword) }
        if let password = connection.password { redactor.register(password) }
        ssh = SSHConnector(prompts: LoginQuestions().prompts)
    }

    /// Whether the project around the current directory has an environment of this name.
    static func hasEnvironment(_ name: String) -> Bool {
        var ignored = DiagnosticCollector()
        let root = Project.findRoot(from: FileManager.default.currentDirectoryPath)
        return Project(root: root, into: &ignored).environmentNames.contains(name)
    }

    // MARK: What commands ask for

    /// Hosts that a pattern selects, in the inventory's order.
    /// - Throws: if it selects none.
    func hosts(_ pattern: String = "all", limit: String?) throws -> [String] {
        var warnings: [Diagnostic] = []
        let hosts = try inventory.inventory.hosts(matching: pattern, limit: limit, files: files, warnings: &warnings)
        guard !hosts.isEmpty else {
            throw CommandFailure(
                warnings
                    + [Diagnostic(code: "no-hosts", "no host is selected", hints: ["'opsctl inventory --graph' shows what there is"])],
                status: .usage)
        }
        return hosts
    }

    private func runState() -> RunState {
        var state = RunState()
        state.limit = limit
        state.version = Opsctl.version
        return state
    }

    func variables() -> VariableStore {
        VariableStore(inventory: inventory, given: given, run: runState(), templar: templar)
    }

    func connectionSettings(of host: String) throws -> [String: Value] { try variables().connectionSettings(of: host) }

    /// As whom commands outside of playbooks run: `ansible_become` and its companions.
    /// - Parameter always: also where `ansible_become` doesn't ask for it.
    func become(_ host: String, always: Bool = false) throws -> BecomeSettings? {
        try BecomeResolution(templar: templar, password: becomePassword).settings(Keywords(), variables().scope(host), always: always)
    }

    func connector() throws -> HostConnector {
        let config = try project.settings.ssh.config.map { try SSHConfig.load(files: [files.absolute($0)]) } ?? SSHConfig.load()
        return HostConnector(ssh: ssh, config: config, options: connection)
    }

    /// What the engine needs to run a playbook.
    func engineInputs(playbook: Playbook) throws -> Engine.Inputs {
        Engine.Inputs(
            inventory: inventory.inventory, files: files, modules: modules, templar: templar, variables: variables(),
            connector: try connector(), redactor: redactor, becomePassword: becomePassword)
    }
}
