import OpsCore
import OpsProject
import OpsSteps
import OpsTransport

extension HostRun {
    /// One step: whether it runs at all, for which items, and what comes of it.
    func run(_ step: Step, asHandler: Bool = false) async -> Flow {
        guard asHandler || context.tags.selects(step.keywords.tags), isStarted(step) else { return .next }
        if step.keywords.barrier { await arrive(at: step) }
        if Self.isFlow(step.module) { return await runFlow(step, asHandler: asHandler) }
        let start = ContinuousClock.now
        let record = await claimed(step, asHandler: asHandler)
        return await settle(step, record, start: start, asHandler: asHandler)
    }

    /// Waits for the other hosts without taking up a slot that they may need.
    private func arrive(at step: Step) async {
        await context.slots.release()
        await coordinator.arrive(host, at: step.id)
        await context.slots.acquire()
    }

    private func claim(_ step: Step) async -> BatchCoordinator.Claim {
        await context.slots.release()
        let claim = await coordinator.claim(step.id)
        await context.slots.acquire()
        return claim
    }

    private func isStarted(_ step: Step) -> Bool {
        if hasStarted { return true }
        hasStarted = step.name?.value.string == context.options.startAtStep
        return hasStarted
    }

    /// Runs the step, or with `run_once` takes over what another host got.
    private func claimed(_ step: Step, asHandler: Bool) async -> StepRecord {
        let scope = scope(step)
        guard (try? preparation.flag(step.keywords.runOnce, scope)) == true else {
            return await record(step, scope, asHandler: asHandler)
        }
        switch await claim(step) {
        case .theirs(let record):
            return record ?? .skipped("run on another host")
        case .mine:
            let record = await record(step, scope, asHandler: asHandler)
            await coordinator.publish(record, of: step.id)
            if record.outcome == .failed, !record.isIgnored {
                await coordinator.abort("'\(name(step, scope))' runs once for all hosts, and failed")
            }
            return record
        }
    }

    /// Runs the step for every item of its loop, or once.
    private func record(_ step: Step, _ scope: StepScope, asHandler: Bool) async -> StepRecord {
        guard let loop = step.keywords.loop else { return await attempts(step, scope, item: nil, asHandler: asHandler) }
        let items: [Value]
        do {
            // A condition that doesn't look at the item decides before the items are worked out.
            if try !holds(step.keywords.when, scope, tolerant: true) { return .skipped("the condition does not hold") }
            items = try LoopItems(templar: context.templar).items(loop, scope)
        } catch {
            return Self.failure(error)
        }
        var records: [StepRecord] = []
        let outer = locals
        defer { locals = outer }
        for (index, item) in items.enumerated() {
            guard !Task.isCancelled else { break }
            locals[loop.variable] = item
            if let name = loop.indexVariable {
                locals[name] = .int(index)
                locals["ansible_index_var"] = .string(name)
            }
            if loop.extended { locals["ansible_loop"] = LoopItems.extended(index, items) }
            locals["ansible_loop_var"] = .string(loop.variable)
            let itemScope = self.scope(step)
            let label = label(loop, item, itemScope)
            let start = ContinuousClock.now
            var record = await attempts(step, itemScope, item: label, asHandler: asHandler)
            if var map = record.value.map {
                map[loop.variable] = item
                map["ansible_loop_var"] = .string(loop.variable)
                record.value = .map(map)
            }
            await report(step, record, start: start, scope: itemScope, asHandler: asHandler, item: label)
            records.append(record)
            if record.outcome == .unreachable { break }
            if let pause = loop.pause, index < items.count - 1 { await rest(pause, itemScope) }
        }
        return StepRecord(items: records)
    }

    private func label(_ loop: Loop, _ item: Value, _ scope: StepScope) -> String {
        let value = (try? loop.label.map { try context.templar.render($0, scope) }) ?? item
        return value.string ?? ValueJSON.pretty(value).split(separator: "\n").map { $0.drop { $0 == " " } }.joined(separator: " ")
    }

    private func rest(_ pause: Located, _ scope: StepScope) async {
        guard let seconds = (try? preparation.text(pause, scope)).flatMap(Duration.init(parsing:)) else { return }
        try? await Task.sleep(for: seconds)
    }

    /// Runs the step until it is as `until` wants it, at most `retries` times more.
    private func attempts(_ step: Step, _ scope: StepScope, item: String?, asHandler: Bool) async -> StepRecord {
        do {
            guard try holds(step.keywords.when, scope, tolerant: false) else { return .skipped("the condition does not hold") }
            let hasUntil = !step.keywords.until.isEmpty
            let retries = try step.keywords.retries.map { max(0, Int(try preparation.text($0, scope)) ?? 0) } ?? (hasUntil ? 3 : 0)
            let delay = try step.keywords.delay.map { Duration(parsing: try preparation.text($0, scope)) ?? .seconds(1) } ?? .seconds(5)
            for attempt in 1...(retries + 1) {
                var record = await once(step, scope, asHandler: asHandler)
                record = try judged(record, step, scope)
                let isDone = hasUntil
                    ? try holds(step.keywords.until, seeing(step, record, scope), tolerant: false) : record.outcome != .failed
                if isDone || record.outcome == .unreachable || record.outcome == .skipped { return record.counting(attempt, of: retries) }
                if attempt > retries { return hasUntil ? record.exhausted(retries) : record.counting(attempt, of: retries) }
                let ref = ref(step, scope, asHandler: asHandler)
                await context.events.send(
                    .stepProgress(.init(ref: ref, message: "attempt \(attempt) of \(retries + 1): again in \(delay.brief)")))
                try await Task.sleep(for: delay)
            }
            return .failed(Diagnostic(code: "internal", "no attempt was made", at: step.location))
        } catch {
            return Self.failure(error)
        }
    }

    /// Prepares the step, asks what it must know, does it.
    private func once(_ step: Step, _ scope: StepScope, asHandler: Bool) async -> StepRecord {
        do {
            let prepared = try preparation.prepare(step, scope: scope)
            let ref = ref(step, scope, asHandler: asHandler)
            await context.events.send(.stepStarted(ref))
            let result = try await perform(prepared, ref)
            let isUnseen = !prepared.isReadOnly && !prepared.isStateful && result.skipReason == nil
            if !prepared.mode.checkMode, result.changed || isUnseen || result.failure != nil { await forget() }
            let outcome: Outcome = result.failure != nil ? .failed : result.skipReason != nil ? .skipped : result.changed ? .changed : .ok
            return StepRecord(outcome, result)
        } catch {
            await forget()
            return await transportFailure(error) ?? Self.failure(error)
        }
    }

    private func perform(_ prepared: PreparedStep, _ ref: Event.StepRef) async throws -> StepResult {
        let events = context.events
        let progress: @Sendable (String) async -> Void = { await events.send(.stepProgress(.init(ref: ref, message: $0))) }
        let target = prepared.target
        let isElsewhere = prepared.needsHost
        let session = isElsewhere ? try await session(target) : HostSession(transport: NoTransport(), loginUser: nil)
        let seen = isElsewhere ? try await answer(prepared) : nil
        let work = StepWork(
            mode: prepared.mode, session: session, become: prepared.become, timeout: prepared.timeout,
            variables: prepared.variables, seen: seen, progress: progress)
        return try await prepared.module.perform(work)
    }

    /// A connection that failed makes the host unreachable; one that broke is not used again.
    private func transportFailure(_ error: any Error) async -> StepRecord? {
        guard let error = error as? TransportError else { return nil }
        switch error {
        case .timedOut, .channelRefused:
            return .failed(error.diagnostic)
        case .cancelled:
            return .failed(Diagnostic(code: "interrupted", "interrupted"))
        default:
            await context.connections.discard(host)
            return .unreachable(error.diagnostic)
        }
    }

    static func failure(_ error: any Error) -> StepRecord {
        switch error {
        case let error as DiagnosticError:
            var first = error.diagnostics.first { $0.severity == .error } ?? Diagnostic(code: "internal", "failed without a reason")
            first.trail += error.diagnostics.filter { $0 != first }.map { diagnostic in
                Diagnostic.Note(([diagnostic.message] + diagnostic.hints).joined(separator: "\n"), at: diagnostic.location)
            }
            return .failed(first)
        case let diagnostic as Diagnostic:
            return .failed(diagnostic)
        case let error as BecomeError:
            return .failed(error.diagnostic)
        case is CancellationError:
            return .failed(Diagnostic(code: "interrupted", "interrupted"))
        default:
            return .failed(Diagnostic(code: "internal", "\(error)"))
        }
    }

    /// Applies `changed_when` and `failed_when`, then `ignore_errors`.
    private func judged(_ record: StepRecord, _ step: Step, _ scope: StepScope) throws -> StepRecord {
        guard record.outcome != .skipped, record.outcome != .unreachable else { return record }
        var result = record.result
        let seeing = seeing(step, record, scope)
        if let conditions = step.keywords.changedWhen { result.changed = try holds(conditions, seeing, tolerant: false) }
        if let conditions = step.keywords.failedWhen, !conditions.isEmpty {
            let fails = try holds(conditions, seeing, tolerant: false)
            if !fails {
                result.failure = nil
            } else if result.failure == nil {
                result.failure = Diagnostic(code: "failed-when", "'failed_when' holds", at: conditions.first?.location)
                result.message = "'failed_when' holds"
            }
        }
        let outcome: Outcome = result.failure != nil ? .failed : result.changed ? .changed : .ok
        return StepRecord(outcome, result, extra: (record.value.map ?? [:]).filter { $0.key == "attempts" })
    }

    /// The scope in which the step's own result can be looked at by the name it's registered under.
    private func seeing(_ step: Step, _ record: StepRecord, _ scope: StepScope) -> StepScope {
        step.keywords.register.map { scope.adding([$0: record.value]) } ?? scope
    }

    /// Whether all conditions hold.
    /// - Parameter tolerant: one that can't be evaluated yet counts as holding.
    func holds(_ conditions: [Located], _ scope: StepScope, tolerant: Bool) throws -> Bool {
        for condition in conditions {
            if tolerant {
                if (try? context.templar.condition(condition, scope)) == false { return false }
            } else if try !context.templar.condition(condition, scope) {
                return false
            }
        }
        return true
    }
}

extension StepRecord {
    func counting(_ attempt: Int, of retries: Int) -> StepRecord {
        guard retries > 0, var map = value.map else { return self }
        var copy = self
        map["attempts"] = .int(attempt)
        copy.value = .map(map)
        return copy
    }

    /// `until` never held.
    func exhausted(_ retries: Int) -> StepRecord {
        var result = result
        if result.failure == nil {
            result.failure = Diagnostic(code: "until-exhausted", "'until' did not hold after \(retries + 1) attempts")
            result.message = "'until' did not hold after \(retries + 1) attempts"
        }
        return StepRecord(.failed, result, extra: ["attempts": .int(retries)])
    }
}
