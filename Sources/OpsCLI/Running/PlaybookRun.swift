import Foundation
import OpsCore
import OpsEngine
import OpsProject
import OpsReport
import OpsSteps

/// Runs one playbook from a command: loads and checks it, tells the user what happens, gives the status.
struct PlaybookRun {
    var workspace: Workspace
    /// For the record: `deploy`, `verify`, ...
    var command: String
    /// Relative to the project, or as the user typed it.
    var playbook: String
    var flags: RunFlags
    var output: OutputOptions
    /// Show a table of all checks at the end.
    var showsTable = false
    /// Show the changes of a check-mode run as a plan.
    var showsPlan = false
    /// A failed check does not keep the later ones from being made.
    var goesOnAfterFailures = false

    struct Result {
        var status: ExitStatus
        var checks: CheckResults

        /// Ends the command with the run's status.
        func end() throws { if status != .success { throw status } }
    }

    func execute() async throws -> Result {
        let loaded = try PromptedVariables(given: workspace.given, redactor: workspace.redactor).answered(load())
        // A mistyped limit must not look like a run that had nothing to do.
        if workspace.limit != nil { _ = try workspace.hosts(limit: workspace.limit) }
        let console = Console.shared
        let collector = CheckCollector()
        let plan = PlanCollector(style: console.outputStyle)
        let report = ReporterSetup(
            output: output, showsDiff: flags.diff && !showsPlan, ending: showsPlan ? .plan : showsTable ? .checkTable : .recap,
            projectRoot: workspace.root, records: command != "plan"
        ).make(console)
        let events = EventStream(TeeReporter([report.all, collector, plan]), redactor: workspace.redactor)
        let engine = Engine(try workspace.engineInputs(playbook: loaded), options: try options(), limit: workspace.limit, events: events)
        let id = ReporterSetup.runID()
        let start = ContinuousClock.now
        let result = try await Interruption.guarding(announcing: {
            await report.live?.say("interrupted: letting running steps end (ctrl-C again to stop at once)")
        }) {
            await Self.run(engine, loaded, id: id, beside: report.live)
        }
        if let problem = await report.recorder?.problem { console.show([problem]) }
        let checks = await collector.results
        if showsPlan, output.output == .text { console.out(await plan.text.text) }
        if showsTable {
            let table = CheckTable(
                style: console.outputStyle, width: console.isOutputTerminal ? console.width : nil, verbose: output.verbose)
            console.out(table.text(checks, seconds: (ContinuousClock.now - start).seconds))
        }
        if output.output == .text,
            let again = ResumeCommand.text(arguments: Array(CommandLine.arguments.dropFirst()), recaps: result.recaps)
        {
            console.say(workspace.redactor.redact("go on with: \(again)"))
        }
        return Result(status: result.status, checks: checks)
    }

    /// Runs the engine, with the reporter's clockwork going beside it.
    private static func run(_ engine: Engine, _ playbook: Playbook, id: String, beside live: (any LiveReporter)?) async -> RunResult {
        let clockwork = Task { await live?.animate() }
        let result = await engine.run(playbook, id: id)
        clockwork.cancel()
        await clockwork.value
        return result
    }

    private func load() throws -> Playbook {
        var findings = DiagnosticCollector()
        let loader = PlaybookLoader(files: workspace.files, catalogue: workspace.modules.catalogue)
        let loaded = loader.load(try workspace.project.playbook(playbook), into: &findings)
        ProjectCheck(workspace: workspace, playbook: loaded).run(into: &findings)
        if findings.hasErrors { throw CommandFailure(findings.diagnostics) }
        let warnings = try StepSelectionCheck(playbook: loaded, loader: loader)
            .run(tags: Self.words(flags.tags), skipTags: Self.words(flags.skipTags), startAtStep: flags.startAtStep)
        Console.shared.show(findings.diagnostics + warnings)
        return loaded
    }

    private func options() throws -> RunOptions {
        var options = RunOptions()
        options.command = command
        options.checkMode = flags.check
        options.diff = flags.diff
        options.tags = Self.words(flags.tags)
        options.skipTags = Self.words(flags.skipTags)
        options.forks = flags.forks ?? workspace.forks ?? options.forks
        options.startAtStep = flags.startAtStep
        options.goesOnAfterFailures = goesOnAfterFailures
        if let text = flags.timeout {
            guard let timeout = Duration(parsing: text), timeout > .zero else {
                throw CommandFailure(Diagnostic(code: "not-a-duration", "--timeout is not a length of time: '\(text)'"), status: .usage)
            }
            options.stepTimeout = timeout
        }
        return options
    }

    private static func words(_ lists: [String]) -> [String] {
        lists.flatMap { $0.split(separator: ",").map(String.init) }
    }
}

/// Gathers the plan from a run's events.
private actor PlanCollector: Reporter {
    private(set) var text: PlanText

    init(style: OutputStyle) { text = PlanText(style: style) }

    func report(_ event: Event) { text.add(event) }
    func finish() {}
}
