import OpsCore
import OpsProject
import OpsSteps
import OpsTemplate

/// Runs playbooks: plays one after the other, batches within them, hosts side by side.
///
/// Every host finishes or is stopped between two steps; all failures are reported. Cancelling the task that
/// runs it stops every host before its next step and ends the commands that are running.
public struct Engine: Sendable {
    /// What a run needs beside the playbook.
    public struct Inputs: Sendable {
        public var inventory: Inventory
        public var files: ProjectFiles
        public var modules: ModuleRegistry
        public var templar: Templar
        public var variables: VariableStore
        public var connector: any Connector
        public var redactor: Redactor
        public var becomePassword: Secret?

        public init(
            inventory: Inventory, files: ProjectFiles, modules: ModuleRegistry, templar: Templar,
            variables: VariableStore, connector: any Connector, redactor: Redactor, becomePassword: Secret?
        ) {
            self.inventory = inventory
            self.files = files
            self.modules = modules
            self.templar = templar
            self.variables = variables
            self.connector = connector
            self.redactor = redactor
            self.becomePassword = becomePassword
        }
    }

    private let context: RunContext
    private let inputs: Inputs
    /// Pattern of `--limit`; nil for all.
    private let limit: String?

    public init(_ inputs: Inputs, options: RunOptions, limit: String?, events: EventStream) {
        self.inputs = inputs
        self.limit = limit
        inputs.variables.set(options)
        context = RunContext(
            options: options, inventory: inputs.inventory, files: inputs.files,
            loader: PlaybookLoader(files: inputs.files, catalogue: inputs.modules.catalogue), modules: inputs.modules,
            templar: inputs.templar, variables: inputs.variables,
            connections: HostConnections(connector: inputs.connector, events: events), events: events,
            redactor: inputs.redactor, slots: WorkSlots(options.forks),
            tags: TagSelection(only: options.tags, skip: options.skipTags), becomePassword: inputs.becomePassword,
            identifiers: StepIdentifiers(after: 1_000_000))
    }

    /// Runs the playbook to its end and gives the counts of every host.
    /// - Parameter run: the run's id.
    public func run(_ playbook: Playbook, id run: String) async -> RunResult {
        let start = ContinuousClock.now
        var tally = RunTally()
        let plays = playbook.plays.map { ($0, hosts(of: $0)) }
        await context.events.send(.runStarted(.init(
            run: run, command: context.options.command, playbook: playbook.path,
            inventory: inputs.inventory.sources.joined(separator: ","), checkMode: context.options.checkMode,
            hosts: Set(plays.flatMap(\.1)).count)))
        for (play, hosts) in plays {
            guard !Task.isCancelled, await self.run(play, hosts, &tally) else { break }
        }
        tally.markNotStarted(plays.flatMap(\.1))
        let roundTrips = await context.connections.roundTrips
        // The connections close in any case, also when the run was interrupted.
        await context.connections.closeAll()
        let isInterrupted = Task.isCancelled
        let status = ExitStatus.of(recaps: tally.recaps, plan: context.options.command == "plan", interrupted: isInterrupted)
        await context.events.send(.runFinished(.init(
            run: run, seconds: (ContinuousClock.now - start).seconds, recap: tally.recaps, exitStatus: Int(status.rawValue),
            interrupted: isInterrupted, roundTrips: roundTrips)))
        await context.events.finish()
        return RunResult(recaps: tally.recaps, status: status)
    }

    private func hosts(of play: Play) -> [String] {
        let pattern = play.hosts.value.string ?? play.hosts.value.list?.compactMap(\.string).joined(separator: ",") ?? ""
        let rendered = (try? context.templar.render(
            Located(.string(pattern), at: play.hosts.location), context.variables.scope(play: play, files: inputs.files)
        ))?.string ?? pattern
        var warnings: [Diagnostic] = []
        return (try? inputs.inventory.hosts(matching: rendered, limit: limit, files: inputs.files, warnings: &warnings)) ?? []
    }

    /// Runs one play; false if the run must end.
    private func run(_ play: Play, _ all: [String], _ tally: inout RunTally) async -> Bool {
        let hosts = play.order.arrange(all.filter { !tally.isOut($0) })
        let name = play.name?.value.string ?? (play.hosts.value.string ?? "play")
        guard !hosts.isEmpty else {
            if all.isEmpty {
                await context.events.send(.notice(.init(Diagnostic(
                    .warning, code: "no-hosts", "no host matches '\(play.hosts.value.string ?? "")'", at: play.hosts.location))))
            }
            return true
        }
        await context.events.send(.playStarted(.init(name: name, hosts: hosts)))
        do {
            let scope = try context.variables.scope(play: play, files: inputs.files)
            let sizes = try play.serial.map { Located(try context.templar.render($0, scope), at: $0.location) }
            let most = try play.maxFailPercentage.map { try context.templar.render($0, scope) }
                .flatMap { Double("\($0.int.map(String.init) ?? $0.string ?? "")") }
            for batch in try BatchPlan.batches(hosts, sizes: sizes) {
                guard await run(play, batch: batch, of: hosts, mostFailures: most, &tally) else { return false }
            }
            return true
        } catch {
            await report(error)
            tally.fail(hosts)
            return false
        }
    }

    private func report(_ error: any Error) async {
        let diagnostics = (error as? DiagnosticError)?.diagnostics
            ?? [HostRun.failure(error).result.failure ?? Diagnostic(code: "internal", "\(error)")]
        for diagnostic in diagnostics { await context.events.send(.notice(.init(diagnostic))) }
    }

    /// Runs a batch; false if no host of it is left or too many failed.
    private func run(_ play: Play, batch: [String], of hosts: [String], mostFailures: Double?, _ tally: inout RunTally) async -> Bool {
        let coordinator = BatchCoordinator(hosts: batch)
        do {
            try context.variables.begin(play, hosts: hosts, batch: batch, files: inputs.files)
        } catch {
            await report(error)
            tally.fail(batch)
            return false
        }
        let ends = await withTaskGroup(of: (HostRecap, Bool).self) { group in
            for host in batch {
                group.addTask { await take(host, through: play, coordinator, mostFailures) }
            }
            var ends: [(HostRecap, Bool)] = []
            for await end in group { ends.append(end) }
            return ends
        }
        for (recap, isFit) in ends { tally.add(recap, isFit: isFit) }
        let isAborted = await coordinator.abortReason != nil
        return !isAborted && ends.contains { $0.1 }
    }

    private func take(
        _ host: String, through play: Play, _ coordinator: BatchCoordinator, _ mostFailures: Double?
    ) async -> (HostRecap, Bool) {
        await context.slots.run {
            let run = HostRun(
                host: host, play: FactGathering.added(to: play, files: context.files), context: context, coordinator: coordinator)
            let isFit = await run.run()
            if !isFit, let mostFailures { await coordinator.checkFailures(most: mostFailures) }
            return (run.recap, isFit)
        }
    }
}

/// What a run amounts to.
public struct RunResult: Sendable {
    public var recaps: [HostRecap]
    public var status: ExitStatus
}
