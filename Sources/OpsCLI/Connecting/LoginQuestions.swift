import Dispatch
import Foundation
import OpsCore
import OpsSSH

/// Asks for passphrases and passwords at the terminal, one question at a time however many hosts connect.
actor LoginQuestions {
    private var answers: [String: Secret] = [:]

    /// Nobody is asked without a terminal: a login that fails for want of an answer still counts on the host.
    nonisolated var prompts: LoginPrompts {
        hasTerminal ? LoginPrompts { await self.answer($0) } : .none
    }

    private nonisolated var hasTerminal: Bool {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC)
        if terminal >= 0 { close(terminal) }
        return terminal >= 0
    }

    private func answer(_ question: LoginPrompts.Question) async -> Secret? {
        switch question.kind {
        case .passphrase(let path, let wrong):
            if wrong { answers[path] = nil }
            if let known = answers[path] { return known }
            let answer = await Self.ask(wrong ? "Wrong passphrase. Passphrase for \(path):" : "Passphrase for \(path):")
            answers[path] = answer
            return answer
        case .password:
            return await Self.ask("\(question.user)@\(question.peer)'s password:")
        case .interactive(let text, _):
            return await Self.ask("\(question.peer): \(text)")
        }
    }

    /// Reading from a terminal blocks, so a thread of its own does it.
    private static func ask(_ question: String) async -> Secret? {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: answer(to: question)) }
        }
    }

    private static func answer(to question: String) -> Secret? {
        do { return try Prompt.secret(question) } catch {
            Console.shared.show([error])
            return nil
        }
    }
}
