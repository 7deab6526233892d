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
        var questions = [question]
        if prepared.isReadOnly || prepared.isStateful { questions += questionsAhead(after: question) }
        try await ask(questions, timeout: prepared.timeout)
        return probes[question]
    }

    private func ask(_ questions: [ProbeQuestion], timeout: Duration) async throws {
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
            for try await answer in group { if let answer { answers.append(answer) } }
            return answers
        }
        for (question, answer) in answers { probes[question] = answer }
    }

    /// What the following steps will ask, up to the first one that may change something unseen or whose
    /// arguments aren't known yet.
    private func questionsAhead(after question: ProbeQuestion) -> [ProbeQuestion] {
        var found: [ProbeQuestion] = []
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
                found.append(next)
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
