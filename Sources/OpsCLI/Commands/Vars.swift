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
              opsctl vars mon1 production --explain port --playbook deploy.yml
            """)

    @Argument(help: "The host.")
    var host: String

    @Argument(help: ArgumentHelp("The environment: inventory/ENV.yml.", valueName: "env"))
    var environment: String?

    @Option(help: ArgumentHelp("Everything that sets this variable.", valueName: "key"))
    var explain: String?

    @Option(help: ArgumentHelp("With --explain: also what the plays of this playbook set.", valueName: "path"))
    var playbook: String?

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
        let explanations = try playbook.map { try plays($0, explain, variables, workspace) }
            ?? [("", variables.explain(explain, files: workspace.files))]
        let known = explanations.filter { !$0.1.candidates.isEmpty }
        guard !known.isEmpty else {
            throw CommandFailure(
                Diagnostic(
                    code: "undefined-variable", "nothing sets '\(explain)' for \(host)",
                    hints: explanations.first?.1.hints ?? []),
                status: .usage)
        }
        for (title, explanation) in known {
            if known.count > 1 { console.out(title) }
            console.out(workspace.redactor.redact(Self.table(explanation)))
        }
    }

    /// What each play that has the host makes of the variable.
    private func plays(
        _ path: String, _ name: String, _ variables: HostVariables, _ workspace: Workspace
    ) throws -> [(String, VariableExplanation)] {
        var findings = DiagnosticCollector()
        let loader = PlaybookLoader(files: workspace.files, catalogue: workspace.modules.catalogue)
        let loaded = loader.load(try workspace.project.playbook(path), into: &findings)
        try findings.throwIfErrors()
        var explanations: [(String, VariableExplanation)] = []
        for play in loaded.plays {
            var warnings: [Diagnostic] = []
            let pattern = play.hosts.value.string ?? "all"
            guard try workspace.inventory.inventory.hosts(matching: pattern, warnings: &warnings).contains(host) else { continue }
            var entered = variables
            try entered.enter(
                PlayVariables(play, files: workspace.files, into: &findings), templar: workspace.templar, files: workspace.files)
            let title = "\(play.location): \(play.name?.value.string ?? pattern)"
            explanations.append((title, entered.explain(name, in: play, loader: loader)))
        }
        guard !explanations.isEmpty else {
            throw CommandFailure(Diagnostic(code: "no-play", "no play of '\(path)' has the host '\(host)'"), status: .usage)
        }
        return explanations
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

    private static func value(_ candidate: VariableExplanation.Candidate) -> String {
        let value = candidate.scope?.hasPrefix("the result") == true ? "" : JSONText.pretty(candidate.value)
        return candidate.scope.map { "\(value)\(value.isEmpty ? "" : "  ")(\($0))" } ?? value
    }

    private static func table(_ explanation: VariableExplanation) -> String {
        let rows = explanation.candidates.map { candidate in
            (
                level: candidate.level.title,
                place: candidate.location.file == "-e" ? "-e" : candidate.location.description,
                value: Self.value(candidate), candidate.isWinner
            )
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
