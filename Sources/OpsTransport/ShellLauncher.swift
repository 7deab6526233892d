import OpsCore

/// Starts shells on a host, as the login user or as another.
struct ShellLauncher: Sendable {
    /// What is started: `.shared` reads requests for ever, `.feeder` reads one script and then its input.
    enum Program: Sendable {
        case shared
        case feeder(Nonce)
    }

    let transport: any Transport
    let become: BecomeSettings?
    let statistics: StatisticsCounter
    /// How long sudo may take, the password included.
    var becomeTimeout = Duration.seconds(20)
    /// How long a shell may take to be ready.
    var startTimeout = Duration.seconds(30)

    var peer: String { transport.peer }

    /// Starts a program. When a password is needed, this returns after sudo has accepted it, so that nothing
    /// sent later is ever taken for a password.
    /// - Throws: `TransportError`, `BecomeError`.
    func launch(_ program: Program) async throws -> any RemoteProcess {
        guard let become else { return try await start(Self.line(program)) }
        let dialogue = try SudoDialogue(become, peer: peer)
        let process = try await start(dialogue.line(Self.text(program)))
        guard become.password != nil else { return process }
        do {
            try await withDeadline(
                becomeTimeout, error: BecomeError.timedOut(peer: peer, user: become.user, after: becomeTimeout)
            ) {
                try await dialogue.hold(with: process)
            }
        } catch {
            await process.close()
            throw error
        }
        return process
    }

    /// Why a shell ended before it was ready, from what it said.
    func failure(said output: [UInt8], errors: [UInt8], end: ProcessEnd) -> any Error {
        let text = String(decoding: errors + output, as: UTF8.self)
        if let become { return SudoDialogue.refusal(text, become: become, peer: peer) }
        let words = SudoDialogue.lastWords(text)
        let ending =
            switch end {
            case .exited(let status): "exit status \(status)"
            case .signaled(let name): "signal \(name)"
            }
        return TransportError.channelRefused(
            peer: peer, what: "a shell", reason: words.isEmpty ? ending : "\(words) (\(ending))")
    }

    private func start(_ line: String) async throws(TransportError) -> any RemoteProcess {
        statistics.count { $0.channels += 1 }
        return CountingProcess(try await transport.start(line), statistics: statistics)
    }

    private static func line(_ program: Program) -> String {
        switch program {
        case .shared: ShellText.shell
        case .feeder(let nonce): "exec /bin/sh -c '\(ShellText.feeder(nonce))'"
        }
    }

    private static func text(_ program: Program) -> String {
        switch program {
        case .shared: ShellText.shell
        case .feeder(let nonce): ShellText.feeder(nonce)
        }
    }
}
