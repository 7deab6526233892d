import ArgumentParser
import OpsCore
import OpsReport
import OpsSteps

struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what runs where: services, health, versions, release.",
        discussion: """
              opsctl status production
              opsctl status production --limit mon1

            Exit status: 0 everything runs, 2 a service doesn't, 4 no host can be reached.
            """)

    @Argument(help: ArgumentHelp("The environment: inventory/ENV.yml.", valueName: "env"))
    var environment: String?

    @OptionGroup var place: EnvironmentOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let workspace = try Workspace.load(environment, place)
        let connections = try await Interruption.guarding(announcing: {}) {
            try await StackConnections.connect(workspace, limit: workspace.limit)
        }
        let rows = connections.hosts.flatMap { host in host.stacks.flatMap { Self.rows(host.name, $0) } }
        await connections.close()
        let console = Console.shared
        switch output.output {
        case .json: console.out(ValueJSON.pretty(.list(rows.map(\.value))))
        case .text: console.out(rows.isEmpty ? "No stack runs on these hosts." : Self.table(rows, console))
        }
        for problem in connections.problems { console.show([problem.diagnostic]) }
        if rows.contains(where: { !$0.isUp }) { throw ExitStatus.failed }
        if !connections.problems.isEmpty { throw ExitStatus.unreachable }
    }

    private struct Row {
        var host: String
        var service: String
        var state: String
        var isUp: Bool
        var image: String
        var since: String
        var release: String

        var value: Value {
            [
                "host": .string(host), "service": .string(service), "state": .string(state), "up": .bool(isUp),
                "image": .string(image), "since": .string(since), "release": .string(release),
            ]
        }
    }

    private static func rows(_ host: String, _ stack: DiscoveredStack) -> [Row] {
        stack.catalogue.services.map { service in
            let container = stack.survey[service.name]
            return Row(
                host: host, service: service.name, state: container?.description ?? "no container",
                isUp: container.map { $0.status == "running" && $0.health != "unhealthy" } ?? false,
                image: container?.imageName ?? service.image, since: String((container?.startedAt ?? "").prefix(19)),
                release: stack.release ?? "")
        }
    }

    private static func table(_ rows: [Row], _ console: Console) -> String {
        var table = Table([.init("HOST"), .init("SERVICE"), .init("STATE"), .init("IMAGE"), .init("SINCE (UTC)"), .init("RELEASE")])
        for row in rows {
            table.add([
                .init(row.host), .init(row.service), .init(row.state, row.isUp ? .good : .bad), .init(row.image),
                .init(row.since), .init(row.release),
            ])
        }
        return table.lines(style: console.outputStyle, width: console.isOutputTerminal ? console.width : nil).joined(separator: "\n")
    }
}
