import ArgumentParser
import Foundation
import OpsCore
import OpsProject
import OpsReport

struct CheckProject: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check everything that can be checked without a network.",
        discussion: """
            YAML, unknown keys and modules, arguments, templates, variables, secrets: all findings at once, each with \
            its place. Exit status: 0 nothing wrong, 65 the project has errors.

              opsctl check production
            """)

    @Argument(help: ArgumentHelp("The environment: inventory/ENV.yml.", valueName: "env"))
    var environment: String?

    @OptionGroup var place: EnvironmentOptions

    func run() async throws {
        let workspace = try Workspace.load(environment, place)
        var findings = DiagnosticCollector()
        let loader = PlaybookLoader(files: workspace.files, catalogue: workspace.modules.catalogue)
        let names = workspace.files.names(in: "playbooks").filter { $0.hasSuffix(".yml") || $0.hasSuffix(".yaml") }
        var plays = 0
        for name in names where ProjectCheck.isPlaybook("playbooks/\(name)", workspace.files) {
            let playbook = loader.load("playbooks/\(name)", into: &findings)
            plays += playbook.plays.count
            ProjectCheck(workspace: workspace, playbook: playbook).run(into: &findings)
        }
        let console = Console.shared
        console.show(findings.diagnostics)
        if findings.hasErrors { throw ExitStatus.projectErrors }
        let hosts = try workspace.hosts(limit: nil).count
        let what = [("playbook file", names.count), ("play", plays), ("host", hosts)].map { Phrase.count($1, $0) }
        console.out("\(workspace.environmentName): \(what.joined(separator: ", ")): nothing wrong")
    }
}
