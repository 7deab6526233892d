import OpsCore

/// Asks people, one question at a time, and remembers passphrases for as long as the program runs.
actor Keyring {
    private let prompts: LoginPrompts
    /// There is somebody to ask.
    nonisolated var canAsk: Bool { !prompts.isNobody }
    private let turn = Semaphore(limit: 1)
    private var passphrases: [String: Secret] = [:]

    init(prompts: LoginPrompts) { self.prompts = prompts }

    /// - Parameter wrong: the passphrase that was just found wrong, if any.
    /// - Returns: nil if nobody knows one.
    func passphrase(for path: String, target: SSHTarget, wrong: Secret?) async -> Secret? {
        guard await turn.acquire() else { return nil }
        defer { turn.release() }
        // Another login may have asked meanwhile.
        if let known = passphrases[path], known != wrong { return known }
        let kind = LoginPrompts.Question.Kind.passphrase(path: path, wrong: wrong != nil)
        let answer = await prompts.ask(LoginPrompts.Question(peer: target.peer, user: target.user, kind: kind))
        passphrases[path] = answer
        return answer
    }

    func answer(_ kind: LoginPrompts.Question.Kind, target: SSHTarget) async -> Secret? {
        guard await turn.acquire() else { return nil }
        defer { turn.release() }
        return await prompts.ask(LoginPrompts.Question(peer: target.peer, user: target.user, kind: kind))
    }
}
