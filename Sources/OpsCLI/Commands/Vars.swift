import ArgumentParser
import Foundation
import OpsCore
import OpsProject

struct Vars: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the variables of a host, and where a value comes from.",
        discussion: """
            All variables as JSON, rendered, secrets as •••; or everything that sets one of them, lowest precedence \
            first, with its place.

              opsctl vars mon1 production
              opsctl vars mon1 production --explain ansible_user
            """)

    @Argument(help: "The host.")
    var host: String

    @Argument(help: ArgumentHelp("The environment: inventory/ENV.yml.", valueName: "env"))
    var environment: String?

    @Option(help: ArgumentHelp("Everything that sets this variable.", valueName: "key"))
    var explain: String?

    @OptionGroup var place: EnvironmentOptions

    func run() async throws {
        let workspace = try Workspace.load(environment, place)
        let hosts = workspace.inventory.inventory.hosts.map(\.name)
        guard hosts.contains(host) else {
            throw CommandFailure(
                Diagnostic(code: "unknown-host", "there is no host '\(host)'", hints: NearestName.hints(for: host, in: hosts)),
                status: .usage)
        }
        let console = Console.shared
        let variables = HostVariables(host: host, inventory: workspace.inventory, run: workspace.given)
        guard let explain else { return console.out(workspace.redactor.redact(try all(variables, workspace))) }
        let explanation = variables.explain(explain)
        guard !explanation.candidates.isEmpty else {
            throw CommandFailure(
                Diagnostic(code: "undefined-variable", "nothing sets '\(explain)' for \(host)", hints: explanation.hints), status: .usage)
        }
        console.out(workspace.redactor.redact(Self.table(explanation)))
    }

    /// Every variable as templates see it. What can't be rendered without a run stays as it is written.
    private func all(_ variables: HostVariables, _ workspace: Workspace) throws -> String {
        let scope = workspace.variables().scope(host)
        var map = ValueMap()
        for name in variables.names() {
            do { map[.string(name)] = try scope.value(of: name) } catch {
                Console.shared.show([Self.warning(name, error)])
                map[.string(name)] = variables.explain(name).candidates.last?.value
            }
        }
        return JSONText.pretty(.map(map))
    }

    private static func warning(_ name: String, _ error: any Error) -> Diagnostic {
        var finding = CommandFailure(wrapping: error).diagnostics.first ?? Diagnostic(code: "variable", "cannot be rendered")
        finding.severity = .warning
        finding.message = "'\(name)' is shown as written: \(finding.message)"
        return finding
    }

    private static func table(_ explanation: VariableExplanation) -> String {
        let rows = explanation.candidates.map { candidate in
            (level: candidate.level.title, place: candidate.location.file == "-e" ? "-e" : candidate.location.description, value: JSONText.pretty(candidate.value), candidate.isWinner)
        }
        let levels = rows.map(\.level.count).max() ?? 0
        let places = rows.map(\.place.count).max() ?? 0
        return rows.map { level, place, value, isWinner in
            let indented = value.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n    ")
            let columns = level.padding(toLength: levels, withPad: " ", startingAt: 0) + "  "
                + place.padding(toLength: places, withPad: " ", startingAt: 0)
            return "\(isWinner ? "->" : "  ") \(columns)  \(indented)"
        }.joined(separator: "\n")
    }
}
