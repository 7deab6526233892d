import ArgumentParser
import OpsCore
import OpsProject

struct ShowInventory: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inventory",
        abstract: "Show hosts, groups and variables as ansible-inventory does.",
        discussion: """
              opsctl inventory production --graph
              opsctl inventory production --host mon1
              opsctl inventory -i hosts.ini --list
            """)

    @Argument(help: ArgumentHelp("The environment: inventory/ENV.yml.", valueName: "env"))
    var environment: String?

    @Flag(help: "Everything, as JSON (the default).")
    var list = false

    @Option(help: ArgumentHelp("The variables of one host.", valueName: "name"))
    var host: String?

    @Flag(help: "A tree of groups and hosts.")
    var graph = false

    @Flag(name: [.customShort("y"), .long], help: "YAML instead of JSON.")
    var yaml = false

    @Flag(help: "Leave variables with the groups and hosts that set them.")
    var export = false

    @Flag(help: "With --graph, show variables too.")
    var vars = false

    @Option(name: .customLong("playbook-dir"), help: ArgumentHelp("Where group_vars and host_vars of playbooks are.", valueName: "path"))
    var playbookDirectory: String?

    @Argument(help: ArgumentHelp("With --graph, the group to begin at.", valueName: "group"))
    var group: String?

    /// As with ansible-inventory: after `-i PATH`, the only word is the group.
    private var startGroup: String { group ?? (place.inventory.isEmpty ? nil : environment) ?? "all" }

    @OptionGroup var place: EnvironmentOptions

    func run() async throws {
        let workspace = try Workspace.load(environment, place, opensSecrets: false, playbookDirectory: playbookDirectory ?? ".")
        var warnings: [Diagnostic] = []
        let dump = try InventoryDump(
            workspace.inventory, run: workspace.given, limit: workspace.limit, isExport: export,
            hasPlaybookDirectory: playbookDirectory != nil, files: workspace.files, warnings: &warnings)
        Console.shared.show(warnings)
        Console.shared.out(try text(dump, workspace))
    }

    private func text(_ dump: InventoryDump, _ workspace: Workspace) throws -> String {
        if graph {
            guard let tree = dump.graph(group: startGroup, showingVariables: vars) else {
                throw CommandFailure(Diagnostic(
                    code: "unknown-group", "there is no group '\(startGroup)'",
                    hints: NearestName.hints(for: startGroup, in: workspace.inventory.inventory.groups.map(\.name))), status: .usage)
            }
            return tree
        }
        if let host {
            guard let value = dump.host(host) else {
                throw CommandFailure(Diagnostic(code: "unknown-host", "there is no host '\(host)'"), status: .usage)
            }
            return try yaml ? Self.withoutLastNewline(dump.yamlHost(host) ?? "") : JSONText.pretty(value)
        }
        return try yaml ? Self.withoutLastNewline(dump.yamlList()) : JSONText.pretty(dump.list)
    }

    private static func withoutLastNewline(_ text: String) -> String { text.hasSuffix("\n") ? String(text.dropLast()) : text }
}
