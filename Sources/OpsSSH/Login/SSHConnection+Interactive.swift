import OpsCore
import OpsTransport

/// Logging in by questions and answers (RFC 4256).
extension SSHConnection {
    /// Answers with the target's password if there is one, otherwise asks a person.
    ///
    /// libssh2 wants the answers in the middle of a call, so asking blocks the event loop. That is all right
    /// only on a loop that serves nothing else: elsewhere, `wantsOwnThread` is set and the login given up,
    /// for the connector to come back on a loop of its own.
    func tryInteractive(_ login: Login, _ log: inout LoginLog) async throws(TransportError) {
        if let password = login.target.password {
            log.add("keyboard-interactive (with the password)")
            // Once: a second round of questions is about something else.
            var unused: Secret? = password
            _ = try await converse(login) { prompt in
                defer { if !prompt.echo { unused = nil } }
                return prompt.echo ? nil : unused
            }
        } else if login.keyring.canAsk {
            guard login.isOnOwnThread else {
                wantsOwnThread = true
                throw .cancelled(peer: peer)
            }
            let questions = BlockingQuestions()
            for _ in 0..<3 where !session.isAuthenticated {
                log.add("keyboard-interactive")
                let good = try await withBlockingQuestions(questions, login)
                if good || offered?.contains("keyboard-interactive") == false { return }
            }
        }
    }

    private func withBlockingQuestions(
        _ questions: BlockingQuestions, _ login: Login
    ) async throws(TransportError) -> Bool {
        let result: Result<Bool, TransportError> = await withTaskCancellationHandler {
            do throws(TransportError) {
                return .success(
                    try await converse(login) { prompt in
                        questions.ask { await login.ask(.interactive(text: prompt.text, echo: prompt.echo)) }
                    })
            } catch {
                return .failure(error)
            }
        } onCancel: {
            questions.cancel()
        }
        return try result.get()
    }

    private func converse(
        _ login: Login, answer: @escaping (InteractivePrompt) -> Secret?
    ) async throws(TransportError) -> Bool {
        try await attempt(otherwise: false) { [self] () throws(SSHFailure) in
            let done = try session.login(user: login.target.user) { answer($0)?.reveal { $0 } }
            return done ? true : nil
        }
    }
}
