import ArgumentParser
import OpsCore
import OpsReport

struct Deploy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Push the configuration, start the stack, and prove that it works.",
        discussion: """
            Runs playbooks/deploy.yml. Everything is checked before the first connection: YAML, templates, \
            variables, secrets. Configuration is staged on the host and tried with the very images that will \
            run it before anything is switched.

              opsctl deploy production --diff        with before and after of every file
              opsctl deploy production --limit web   only some hosts
              opsctl deploy production --check       only look (see also: opsctl plan)

            Exit status: 0 done, 2 a host or check failed, 4 only unreachable hosts, 65 the project has errors.
            """)

    @Argument(help: ArgumentHelp("The environment: inventory/ENV.yml.", valueName: "env"))
    var environment: String?

    @Flag(name: [.short, .long], help: "Do not ask before changing anything.")
    var yes = false

    @OptionGroup var flags: RunFlags
    @OptionGroup var place: EnvironmentOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let workspace = try Workspace.load(environment, place)
        if workspace.asksBeforeDeploy, !yes, !flags.check {
            guard Prompt.confirm("Deploy to \(workspace.environmentName)?") else {
                throw CommandFailure(Diagnostic(
                    code: "not-confirmed", "the deploy was not confirmed", hints: ["give --yes where nobody can answer"]), status: .usage)
            }
        }
        let run = PlaybookRun(workspace: workspace, command: "deploy", playbook: "deploy.yml", flags: flags, output: output)
        let result = try await run.execute()
        if result.status == .success, !flags.check { await DeploySummary(workspace: workspace).show() }
        try result.end()
    }
}

struct Plan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what a deploy would change; change nothing.",
        discussion: """
            Compares with the same code that deploy uses. Exit status: 0 nothing would change, 3 something would.

              opsctl plan production
              opsctl plan production --limit mon1 --tags config
            """)

    @Argument(help: ArgumentHelp("The environment: inventory/ENV.yml.", valueName: "env"))
    var environment: String?

    @OptionGroup var flags: RunFlags
    @OptionGroup var place: EnvironmentOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let workspace = try Workspace.load(environment, place)
        var run = PlaybookRun(workspace: workspace, command: "plan", playbook: "deploy.yml", flags: flags, output: output)
        run.flags.check = true
        run.flags.diff = true
        run.showsPlan = true
        try await run.execute().end()
    }
}

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run any playbook.",
        discussion: """
              opsctl run playbooks/backup.yml production
              opsctl run site.yml -i hosts.ini --tags web --check --diff
            """)

    @Argument(help: "The playbook's path.")
    var playbook: String

    @Argument(help: ArgumentHelp("The environment: inventory/ENV.yml.", valueName: "env"))
    var environment: String?

    @OptionGroup var flags: RunFlags
    @OptionGroup var place: EnvironmentOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let workspace = try Workspace.load(environment, place)
        let run = PlaybookRun(workspace: workspace, command: "run", playbook: playbook, flags: flags, output: output)
        try await run.execute().end()
    }
}
