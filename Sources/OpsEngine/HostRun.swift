import OpsCore
import OpsProject
import OpsSteps
import OpsTransport

/// Takes one host through a play, step after step. Lives inside that host's task.
final class HostRun {
    let host: String
    let play: Play
    let context: RunContext
    let coordinator: BatchCoordinator
    let preparation: StepPreparation

    var recap: HostRecap
    var probes = ProbeCache()
    /// The session that connections were opened ahead in.
    var expectant: HostSession?
    /// Steps that come after the ones being run, inner lists last: what may be asked ahead.
    var upcoming: [ArraySlice<StepNode>] = []
    /// Variables that loops around the current step have set.
    var locals: [String: Value] = [:]
    /// Blocks with a `rescue` around the current step.
    var rescuers = 0
    /// Handlers to run at the next flush, by position in `handlers`.
    var notified: Set<Int> = []
    var handlers: [Step]
    /// False until the step of `--start-at-step` is reached.
    var hasStarted: Bool

    /// What happens after a step.
    enum Flow {
        case next
        /// The step failed; a `rescue` around it may take over.
        case failed(Step, StepRecord)
        /// The host takes no further steps: it ended itself, or its batch was ended.
        case ended(isFailure: Bool)
    }

    init(host: String, play: Play, context: RunContext, coordinator: BatchCoordinator) {
        self.host = host
        self.play = play
        self.context = context
        self.coordinator = coordinator
        preparation = StepPreparation(context: context, play: play, host: host, planned: PlannedTrees())
        recap = HostRecap(host: host)
        handlers = play.roles.flatMap(\.handlers) + play.handlers
        hasStarted = context.options.startAtStep == nil
    }

    /// Runs the whole play and says whether the host is still fit for the next one.
    func run() async -> Bool {
        var isFit = true
        for section in sections {
            upcoming = [section[...]]
            let flow = await run(section)
            isFit = await close(section: flow)
            guard isFit, case .next = flow else { break }
        }
        await coordinator.leave(host, failed: !isFit)
        return isFit
    }

    /// Handlers are flushed after each.
    private var sections: [[StepNode]] {
        [play.preSteps, play.roles.flatMap(\.steps) + play.steps, play.postSteps].filter { !$0.isEmpty }
    }

    /// Runs what was notified, as far as the way the section ended allows.
    private func close(section flow: Flow) async -> Bool {
        switch flow {
        case .next:
            if case .next = await flushHandlers() { return true }
            return false
        case .failed(_, let record):
            if play.forceHandlers, record.outcome != .unreachable { _ = await flushHandlers() }
            return false
        case .ended(let isFailure):
            return !isFailure
        }
    }

    /// Runs a list of steps up to the first failure.
    func run(_ nodes: [StepNode]) async -> Flow {
        upcoming.append(nodes[...])
        defer { upcoming.removeLast() }
        for (index, node) in nodes.enumerated() {
            upcoming[upcoming.count - 1] = nodes[(index + 1)...]
            if let reason = await stopReason() {
                await notice(reason)
                return .ended(isFailure: true)
            }
            let flow =
                switch node {
                case .step(let step): await run(step)
                case .block(let block): await run(block)
                }
            guard case .next = flow else { return flow }
        }
        return .next
    }

    private func stopReason() async -> Diagnostic? {
        if Task.isCancelled { return Diagnostic(.warning, code: "interrupted", "stopped before the next step") }
        return await coordinator.abortReason.map { Diagnostic(.warning, code: "batch-ended", $0) }
    }

    private func notice(_ diagnostic: Diagnostic) async {
        guard diagnostic.code != "interrupted" else { return }
        await context.events.send(.notice(.init(host: host, diagnostic)))
    }

    /// `block`, then `rescue` if it failed, then `always` whatever happened.
    private func run(_ block: Block) async -> Flow {
        if !block.rescue.isEmpty { rescuers += 1 }
        var flow = await run(block.block)
        if !block.rescue.isEmpty { rescuers -= 1 }
        if case .failed(let step, let record) = flow, !block.rescue.isEmpty {
            recap.rescued += 1
            context.variables.set(
                host, "ansible_failed_task",
                ["name": .string(step.name?.value.string ?? step.module), "action": .string(step.module)])
            context.variables.set(host, "ansible_failed_result", record.value)
            flow = await run(block.rescue)
        }
        guard !block.always.isEmpty else { return flow }
        let last = await run(block.always)
        if case .next = last { return flow }
        return last
    }
}
