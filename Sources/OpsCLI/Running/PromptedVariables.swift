import Foundation
import OpsCore
import OpsProject

/// Asks for the variables of `vars_prompt`, before anything connects.
struct PromptedVariables {
    /// What `-e` sets is not asked for.
    var given: RunVariables
    var redactor: Redactor

    /// The playbook with the answers in it.
    /// - Throws: `CommandFailure` for a variable without a default where nobody can be asked.
    func answered(_ playbook: Playbook) throws -> Playbook {
        var playbook = playbook
        for play in playbook.plays.indices {
            for index in playbook.plays[play].prompts.indices {
                let prompt = playbook.plays[play].prompts[index]
                guard given.extra[prompt.name] == nil else { continue }
                let answer = try answer(prompt)
                if let answer { redactor.register(in: answer) }
                playbook.plays[play].prompts[index].answer = answer
            }
        }
        return playbook
    }

    private func answer(_ prompt: VarsPrompt) throws -> Value? {
        guard isatty(STDIN_FILENO) == 1 else {
            if prompt.fallback != nil { return nil }
            throw CommandFailure(Diagnostic(
                code: "nobody-to-ask", "the playbook asks for '\(prompt.name)', and there is no terminal to ask at",
                at: prompt.location, hints: ["give it with -e \(prompt.name)=..."]), status: .usage)
        }
        let fallback = prompt.isPrivate ? "" : prompt.fallback.map { " [\($0.value.string ?? JSONText.pretty($0.value))]" } ?? ""
        while true {
            guard let first = try ask(prompt.question + fallback + ":", prompt) else { return nil }
            if prompt.confirms, try ask("again, \(prompt.question):", prompt) != first {
                Console.shared.show([Diagnostic(.warning, code: "answers-differ", "the two answers differ")])
                continue
            }
            let isEmpty = first == .string("") || first == .secret(Secret(""))
            return isEmpty && prompt.fallback != nil ? nil : first
        }
    }

    private func ask(_ question: String, _ prompt: VarsPrompt) throws -> Value? {
        prompt.isPrivate ? try Prompt.secret(question).map { .secret($0) } : Prompt.line(question).map { .string($0) }
    }
}
