import ArgumentParser
import OpsCore
import OpsReport
import OpsSteps
import OpsTransport

struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Connect and check whether hosts are fit for a deploy.",
        discussion: """
            Looks at login, sudo, docker and compose, tools, disk, memory and clock of every host, and changes nothing. \
            Exit status: 0 all fit, 2 something is missing, 4 only unreachable hosts.

              opsctl doctor production
            """)

    @Argument(help: ArgumentHelp("The environment: inventory/ENV.yml.", valueName: "env"))
    var environment: String?

    @OptionGroup var place: EnvironmentOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let workspace = try Workspace.load(environment, place)
        let hosts = try workspace.hosts(limit: workspace.limit)
        let results = try await Interruption.guarding(announcing: {}) {
            await withTaskGroup(of: (String, [Check]).self) { group in
                for host in hosts { group.addTask { (host, await HostExamination(host: host, workspace: workspace).checks()) } }
                var results: [String: [Check]] = [:]
                for await (host, checks) in group { results[host] = checks }
                return results
            }
        }
        let entries = hosts.flatMap { host in
            (results[host] ?? []).map { CheckResults.Entry(host: host, step: "doctor", check: $0) }
        }
        let checks = CheckResults(entries)
        let console = Console.shared
        switch output.output {
        case .json: console.out(try CheckJSON().text(checks))
        case .text:
            console.out(
                CheckTable(
                    style: console.outputStyle, width: console.isOutputTerminal ? console.width : nil, verbose: output.verbose
                ).text(checks))
        }
        if checks.count.allPassed { return }
        let failed = entries.filter { $0.check.status != .pass && $0.check.status != .skip }
        throw failed.allSatisfy { $0.check.resource == "connection" } ? ExitStatus.unreachable : ExitStatus.failed
    }
}
