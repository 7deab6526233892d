import OpsCore
import OpsProject
import OpsSteps
import OpsTransport

extension HostRun {
    /// Most questions sent ahead at once.
    private static let mostQuestions = 40

    /// The host's answer to what a step must know.
    ///
    /// As long as nothing has changed since, answers that came early are taken. If this one has to be asked,
    /// the questions of the steps after it go out together with it: one round trip for all.
    func answer(_ prepared: PreparedStep) async throws -> CommandResult? {
        guard let question = prepared.question else { return nil }
        if let known = probes[question] { return known }
        let ahead = prepared.isReadOnly || prepared.isStateful ? stepsAhead(after: question) : []
        let destinations = ([prepared] + ahead).filter { $0.target == host }.flatMap(\.module.destinations)
        try await ask([question] + ahead.compactMap(\.question), expecting: destinations, timeout: prepared.timeout)
        return probes[question]
    }

    /// The host has changed, or may have: what is known of it holds no longer.
    func forget() async {
        probes.forget()
        await expectant?.forgetExpectedConnections()
        expectant = nil
    }

    /// - Parameter destinations: where the steps will connect; opened from the first answer on, beside the others.
    private func ask(_ questions: [ProbeQuestion], expecting destinations: [Endpoint], timeout: Duration) async throws {
        var sessions: [String: HostSession] = [:]
        for target in Set(questions.map(\.target)) { sessions[target] = try await session(target) }
        let answers = try await withThrowingTaskGroup(of: (ProbeQuestion, CommandResult)?.self) { group in
            for (index, question) in questions.enumerated() {
                guard let session = sessions[question.target] else { continue }
                group.addTask {
                    do {
                        return (question, try await session.run(question.script, timeout: timeout, become: question.become))
                    } catch where index > 0 {
                        // It was asked ahead: if it fails, the step itself will find out and say so.
                        return nil
                    }
                }
            }
            var answers: [(ProbeQuestion, CommandResult)] = []
            for try await answer in group {
                if let answer { answers.append(answer) }
                await expectConnections(to: destinations, sessions[host])
            }
            return answers
        }
        for (question, answer) in answers { probes[question] = answer }
    }

    /// Once for each batch of questions.
    private func expectConnections(to destinations: [Endpoint], _ session: HostSession?) async {
        guard expectant == nil, !destinations.isEmpty, let session else { return }
        expectant = session
        await session.expectConnections(to: destinations)
    }

    /// The following steps that have something new to ask, up to the first one that may change something unseen
    /// or whose arguments aren't known yet.
    private func stepsAhead(after question: ProbeQuestion) -> [PreparedStep] {
        var found: [PreparedStep] = []
        var seen: Set<ProbeQuestion> = [question]
        for node in Self.flattened(upcoming) {
            guard case .step(let step) = node, found.count < Self.mostQuestions, isForeseeable(step) else { break }
            guard context.tags.selects(step.keywords.tags) else { continue }
            let prepared: PreparedStep
            do {
                guard let foreseen = try foresee(step) else { continue }
                prepared = foreseen
            } catch {
                break
            }
            guard prepared.isReadOnly || prepared.isStateful else { break }
            if let next = prepared.question, probes[next] == nil, next.target == host, seen.insert(next).inserted {
                found.append(prepared)
            }
        }
        return found
    }

    /// The steps that come if nothing fails, inner lists first.
    private static func flattened(_ lists: [ArraySlice<StepNode>]) -> [StepNode] {
        lists.reversed().flatMap { $0 }.flatMap { node in
            switch node {
            case .step: [node]
            case .block(let block): flattened([block.block[...]])
            }
        }
    }

    /// Whether the step's place in the flow allows to look at it early.
    private func isForeseeable(_ step: Step) -> Bool {
        step.keywords.loop == nil && step.keywords.delegateTo == nil && step.keywords.runOnce == nil
            && !step.keywords.barrier && !Self.isFlow(step.module) && context.modules[step.module] != nil
    }

    /// Nil if the step won't run.
    private func foresee(_ step: Step) throws -> PreparedStep? {
        let scope = scope(step)
        for condition in step.keywords.when where try !context.templar.condition(condition, scope) { return nil }
        return try preparation.prepare(step, scope: scope)
    }

    /// The session with a host, made if need be.
    func session(_ target: String) async throws -> HostSession {
        try await context.connections.session(target, settings: context.variables.connectionSettings(of: target))
    }
}
