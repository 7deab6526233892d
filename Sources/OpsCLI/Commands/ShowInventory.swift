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

    @OptionGroup var place: EnvironmentOptions

    func run() async throws {
        let workspace = try Workspace.load(environment, place, opensSecrets: false)
        var warnings: [Diagnostic] = []
        let dump = try InventoryDump(workspace.inventory, limit: workspace.limit, files: workspace.files, warnings: &warnings)
        Console.shared.show(warnings)
        Console.shared.out(try text(dump))
    }

    private func text(_ dump: InventoryDump) throws -> String {
        if graph {
            guard let tree = dump.graph() else { throw CommandFailure(Diagnostic(code: "no-groups", "the inventory has no groups")) }
            return tree
        }
        if let host {
            guard let value = dump.host(host) else {
                throw CommandFailure(Diagnostic(code: "unknown-host", "there is no host '\(host)'"), status: .usage)
            }
            return try yaml ? InventoryDump.yaml(value) : JSONText.pretty(value)
        }
        return try yaml ? InventoryDump.yaml(dump.nestedList) : JSONText.pretty(dump.list)
    }
}
