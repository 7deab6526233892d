import OpsCore
import OpsProject
import OpsSteps

extension HostRun {
    /// Keeps what a step gave: variables, notifications, counts; and says what comes next.
    func settle(_ step: Step, _ record: StepRecord, start: ContinuousClock.Instant, asHandler: Bool) async -> Flow {
        var record = record
        let scope = scope(step)
        if record.outcome == .failed { record.isIgnored = (try? preparation.flag(step.keywords.ignoreErrors, scope)) ?? false }
        if record.outcome == .unreachable { record.isIgnored = (try? preparation.flag(step.keywords.ignoreUnreachable, scope)) ?? false }
        keep(step, record)
        if record.result.changed, record.outcome != .failed || record.isIgnored {
            do {
                try notify(step, scope: scope)
            } catch {
                record = Self.failure(error)
            }
        }
        await report(step, record, start: start, scope: scope, asHandler: asHandler, item: nil)
        count(record)
        return await flow(step, record, scope)
    }

    private func keep(_ step: Step, _ record: StepRecord) {
        for result in record.items.map(\.result) + [record.result] {
            context.redactor.register(in: .map(result.facts))
            if step.module == SetupModule.name {
                context.variables.setFacts(host, result.facts)
            } else {
                for (name, value) in result.facts { name.string.map { context.variables.set(host, $0, value) } }
                if step.arguments["cacheable"]?.value.flag == true { context.variables.setCacheable(host, result.facts) }
            }
        }
        if let name = step.keywords.register { context.variables.set(host, name, record.value) }
    }

    private func count(_ record: StepRecord) {
        switch record.outcome {
        case .ok: recap.ok += 1
        case .changed:
            recap.ok += 1
            recap.changed += 1
        case .skipped: recap.skipped += 1
        case .failed where record.isIgnored:
            recap.ok += 1
            recap.ignored += 1
            if record.result.changed { recap.changed += 1 }
        case .failed: if rescuers == 0 { recap.failed += 1 }
        case .unreachable: if rescuers == 0, !record.isIgnored { recap.unreachable += 1 }
        }
    }

    private func flow(_ step: Step, _ record: StepRecord, _ scope: StepScope) async -> Flow {
        let isBad = record.outcome == .failed || record.outcome == .unreachable
        guard isBad, !record.isIgnored else { return .next }
        if record.outcome == .failed, rescuers == 0, context.options.goesOnAfterFailures, !Task.isCancelled { return .next }
        if rescuers == 0, (try? preparation.flag(step.keywords.anyErrorsFatal, scope)) == true {
            await coordinator.abort("\(host) failed at '\(name(step, scope))', and any_errors_fatal is set")
        }
        return .failed(step, record)
    }

    /// Tells what came of a step, or of one item of its loop.
    func report(
        _ step: Step, _ record: StepRecord, start: ContinuousClock.Instant, scope: StepScope, asHandler: Bool, item: String?
    ) async {
        // Hidden also where it can't be told whether it shall be.
        let isHidden = step.keywords.noLog != nil && (try? preparation.flag(step.keywords.noLog, scope)) != false
        let isLoop = item == nil && !record.items.isEmpty
        let result = record.result
        // What a loop's items changed was told with each of them.
        let changes = isLoop ? [] : result.changes
        let isShown = !isHidden && !isLoop
        let finished = Event.StepFinished(
            ref: ref(step, scope, asHandler: asHandler), outcome: record.outcome,
            seconds: (ContinuousClock.now - start).seconds, message: result.skipReason ?? (isHidden ? "" : result.message),
            ignored: record.isIgnored, rescued: isFailure(record) && !record.isIgnored && rescuers > 0,
            changes: isHidden ? changes.map { Change($0.action, $0.resource, summary: $0.summary) } : changes,
            checks: isLoop || isHidden ? [] : result.checks,
            stdout: isShown ? Self.bounded(context.redactor.redact(result.stdout)) : "",
            stderr: isShown ? Self.bounded(context.redactor.redact(result.stderr)) : "",
            diagnostic: isLoop
                ? nil : result.failure.map { located(isHidden && record.outcome == .failed ? Self.hidden : $0, step) },
            item: isHidden ? item.map { _ in Secret.mask } : item)
        await context.events.send(.stepFinished(finished))
    }

    /// Stands for the reason of a failure, which may quote the command and what it printed.
    private static let hidden = Diagnostic(
        code: "hidden", "it failed; 'no_log' hides how", hints: ["take no_log away while you look for the reason"])

    private func isFailure(_ record: StepRecord) -> Bool { record.outcome == .failed || record.outcome == .unreachable }

    /// A failure without a place of its own is the step's.
    private func located(_ diagnostic: Diagnostic, _ step: Step) -> Diagnostic {
        var diagnostic = diagnostic
        if diagnostic.location == nil { diagnostic.location = step.location }
        return diagnostic
    }

    /// Events hold output to be looked at, not to be kept. Secrets are masked before: a cut could halve one.
    private static func bounded(_ text: String) -> String {
        let limit = 16_384
        guard text.utf8.count > limit else { return text }
        return "... \(text.utf8.count - limit) bytes left out ...\n" + String(decoding: text.utf8.suffix(limit), as: UTF8.self)
    }

    func ref(_ step: Step, _ scope: StepScope, asHandler: Bool) -> Event.StepRef {
        Event.StepRef(
            host: host, step: step.id, name: name(step, scope), module: step.module, location: step.location,
            isHandler: asHandler)
    }

    /// The step's name with what is known filled in; as written if something isn't.
    func name(_ step: Step, _ scope: StepScope) -> String {
        guard let name = step.name else { return step.module }
        return (try? preparation.text(name, scope)) ?? name.value.string ?? step.module
    }

    /// The variables that a step sees here and now.
    func scope(_ step: Step) -> StepScope { context.variables.scope(host, step: step, locals: locals) }
}
