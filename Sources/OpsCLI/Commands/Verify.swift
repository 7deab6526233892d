import ArgumentParser
import Foundation
import OpsCore
import OpsReport

struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check that the stack does what it should; change nothing.",
        discussion: """
            Runs every check of playbooks/verify.yml, also after one has failed, and shows them as a table.

              opsctl verify production
              opsctl verify production --only prometheus    only steps with this tag
              opsctl verify production --profile koprogo    with another profile's settings
              opsctl verify production --watch 30s          again and again until ctrl-C
              opsctl verify production --junit checks.xml   for a CI server

            Exit status: 0 all passed, 2 a check failed, 4 only unreachable hosts.
            """)

    @Argument(help: ArgumentHelp("The environment: inventory/ENV.yml.", valueName: "env"))
    var environment: String?

    @Option(help: ArgumentHelp("Only checks with these tags.", valueName: "tags"))
    var only: [String] = []

    @Option(help: ArgumentHelp("Instead of the inventory's profile: sets the variable 'profile'.", valueName: "name"))
    var profile: String?

    @Option(help: ArgumentHelp("Verify again after this time, until ctrl-C.", valueName: "time"))
    var watch: String?

    @Option(help: ArgumentHelp("Write the checks as JUnit XML.", valueName: "file"))
    var junit: String?

    @Option(help: ArgumentHelp("Write the outcome as metrics for a textfile collector.", valueName: "file"))
    var textfile: String?

    @OptionGroup var flags: RunFlags
    @OptionGroup var place: EnvironmentOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        var place = place
        if let profile {
            guard profile.allSatisfy({ $0.isLetter || $0.isNumber || "-_.".contains($0) }), !profile.isEmpty else {
                throw ValidationError("'\(profile)' is not the name of a profile")
            }
            place.extraVars.append("profile=\(profile)")
        }
        let workspace = try Workspace.load(environment, place)
        guard let watch else {
            try await once(workspace).end()
            return
        }
        guard let pause = Duration(parsing: watch), pause >= .seconds(1) else {
            throw ValidationError("--watch needs a time of at least 1s, not '\(watch)'")
        }
        while true {
            let result = try await once(workspace)
            if result.status == .interrupted { try result.end() }
            try await Interruption.guarding(announcing: {}) { try await Task.sleep(for: pause) }
        }
    }

    private func once(_ workspace: Workspace) async throws -> PlaybookRun.Result {
        var run = PlaybookRun(workspace: workspace, command: "verify", playbook: "verify.yml", flags: flags, output: output)
        run.flags.tags += only
        run.goesOnAfterFailures = true
        run.showsTable = output.output == .text
        let result = try await run.execute()
        if let junit { try write(JUnitXML().text(result.checks), to: junit) }
        if let textfile {
            try write(PrometheusTextfile(environment: workspace.environmentName).text(result.checks, at: Date()), to: textfile)
        }
        return result
    }

    private func write(_ text: String, to path: String) throws {
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw CommandFailure(
                Diagnostic(code: "not-written", "cannot write \(path): \(error.localizedDescription)"),
                status: .internalError)
        }
    }
}
