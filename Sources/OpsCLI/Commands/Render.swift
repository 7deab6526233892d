import ArgumentParser
import Foundation
import OpsCore
import OpsReport
import OpsSteps
import OpsTemplate

struct Render: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Render one template to standard output.",
        discussion: """
              opsctl render motd.j2 -e name=web1
              opsctl render playbooks/monitoring/compose.yml.j2 lab --host mon1

            Secrets come out as ••• unless --reveal is given.
            """)

    @Argument(help: "The template's path.")
    var template: String

    @Argument(help: ArgumentHelp("The environment whose variables it sees.", valueName: "env"))
    var environment: String?

    @Option(help: ArgumentHelp("The host whose variables it sees.", valueName: "name"))
    var host: String?

    @Option(help: ArgumentHelp("Playbook whose plays' variables it sees too.", valueName: "path"))
    var playbook: String?

    @Flag(help: "Show secrets.")
    var reveal = false

    @OptionGroup var place: EnvironmentOptions

    func run() async throws {
        let scope = try RenderScope(environment: environment, host: host, playbook: playbook, place: place)
        guard let data = FileManager.default.contents(atPath: template) else {
            throw CommandFailure(missing)
        }
        guard let source = String(validating: data, as: UTF8.self) else {
            throw CommandFailure(Diagnostic(code: "not-utf8", "'\(template)' is not UTF-8 text"))
        }
        let environment = scope.templates(for: URL(fileURLWithPath: template).path)
        let rendered = try Template(source: source, file: template, environment: environment).render(scope.variables)
        guard let text = SensitiveText(rendered) else { return }
        let shown = reveal ? text.reveal { $0 } : scope.redactor.redact(text.reveal { $0 })
        FileHandle.standardOutput.write(Data(shown.utf8))
    }

    private var missing: Diagnostic {
        let url = URL(fileURLWithPath: template)
        let directory = url.deletingLastPathComponent()
        let siblings = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        let near = NearestName.to(url.lastPathComponent, in: siblings).map { directory.appendingPathComponent($0).relativePath }
        return Diagnostic(
            code: "file-not-found", "cannot read '\(template)'",
            hints: [near.map { "did you mean '\($0)'?" } ?? "paths start at \(FileManager.default.currentDirectoryPath)"])
    }
}
