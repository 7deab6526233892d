import OpsCore

/// What steps use to work on one host: scripts, streams, uploads, connections.
///
/// Opens what it needs when it is needed: one shared shell per user, and a channel for each stream.
public actor HostSession {
    /// Input longer than this goes through a channel of its own: the shared shell keeps it in memory.
    private static let longestSharedInput = 64 * 1024

    private let transport: any Transport
    private let loginUser: String?
    private let statisticsCounter = StatisticsCounter()
    private var shells: [BecomeSettings?: RemoteShell] = [:]
    private let early: EarlyConnections
    private var isClosed = false

    /// - Parameter loginUser: who commands run as without become, if that is known; becoming that user
    ///   then needs nothing.
    public init(transport: any Transport, loginUser: String? = nil) {
        self.transport = transport
        self.loginUser = loginUser
        early = EarlyConnections(transport: transport)
    }

    /// Who is at the other end, for messages.
    public nonisolated var peer: String { transport.peer }

    /// Whether the host is the machine that opsctl runs on.
    public nonisolated var isLocal: Bool { transport is LocalTransport }

    /// What the session has cost so far.
    public nonisolated var statistics: TransportStatistics { statisticsCounter.value }

    /// Runs a script in the shared shell of a user: one round trip. See `RemoteShell.run`.
    /// - Throws: `TransportError`, `BecomeError`.
    public func run(
        _ script: String, input: [UInt8]? = nil, timeout: Duration? = nil, become: BecomeSettings? = nil,
        limit: Int = CommandOutput.defaultLimit
    ) async throws -> CommandResult {
        try refuseNUL(in: script)
        if let input, input.count > Self.longestSharedInput || input.contains(0) {
            return try await upload(ByteChunks([input]), to: script, timeout: timeout, become: become, limit: limit)
        }
        return try await shell(become).run(script, input: input, timeout: timeout, limit: limit)
    }

    /// Runs a script in a channel of its own and hands out its output as it comes, held back while
    /// `receive` is busy.
    ///
    /// Its standard input is empty. When the time is up, the task is cancelled or `receive` throws, the
    /// script and all it started are ended on the host.
    /// - Throws: `TransportError`, `BecomeError`, what `receive` throws.
    public func stream(
        _ script: String, timeout: Duration? = nil, become: BecomeSettings? = nil,
        receive: @escaping @Sendable (OutputChunk) async throws -> Void
    ) async throws -> ProcessEnd {
        try refuseNUL(in: script)
        let launcher = launcher(become)
        return try await withDeadline(timeout, error: timedOut(timeout)) {
            try await ScriptProcess(script, launcher: launcher).run(hasInput: false, receive)
        }
    }

    /// Runs a script in a channel of its own with `chunks` as its standard input, sent as fast as the
    /// script takes them.
    ///
    /// A script that ends before it has read everything is not an error; its result says how it ended.
    /// If producing the chunks fails, the script is ended and never sees the end of its input.
    /// - Throws: `TransportError`, `BecomeError`, what `chunks` throws.
    public func upload<Chunks: AsyncSequence & Sendable>(
        _ chunks: Chunks, to script: String, timeout: Duration? = nil, become: BecomeSettings? = nil,
        limit: Int = CommandOutput.defaultLimit
    ) async throws -> CommandResult where Chunks.Element == [UInt8] {
        try refuseNUL(in: script)
        let launcher = launcher(become)
        return try await withDeadline(timeout, error: timedOut(timeout)) {
            let process = try await ScriptProcess(script, launcher: launcher)
            return try await process.run(feeding: chunks, limit: limit)
        }
    }

    /// Opens a connection from the host to something it can reach; see `Transport.connect`.
    public func connect(to endpoint: Endpoint) async throws(TransportError) -> SocketDescriptor {
        statisticsCounter.count { $0.channels += 1 }
        if let socket = await early.take(endpoint) { return socket }
        statisticsCounter.count { $0.roundTrips += 1 }
        return try await transport.connect(to: endpoint)
    }

    /// Opens connections that will probably be asked for, in the background. Safe to be wrong about.
    public func expectConnections(to endpoints: [Endpoint]) async { await early.open(endpoints) }

    /// Closes expected connections that nobody took: what listens may have been replaced.
    public func forgetExpectedConnections() async { await early.drop() }

    /// Ends what still runs on the host, and the session. Safe to repeat.
    public func close() async {
        isClosed = true
        let open = shells.values
        shells = [:]
        await early.drop()
        await withTaskGroup { group in
            for shell in open { group.addTask { await shell.close() } }
        }
        await transport.close()
    }

    private func shell(_ become: BecomeSettings?) throws -> RemoteShell {
        if isClosed { throw TransportError.connectionLost(peer: peer, reason: "the session is closed") }
        let needed = needed(become)
        if let shell = shells[needed] { return shell }
        let shell = RemoteShell(launcher: launcher(needed))
        shells[needed] = shell
        return shell
    }

    private func launcher(_ become: BecomeSettings?) -> ShellLauncher {
        ShellLauncher(transport: transport, become: needed(become), statistics: statisticsCounter)
    }

    /// Nil if the login user is the one to become already.
    private func needed(_ become: BecomeSettings?) -> BecomeSettings? {
        become?.user == loginUser ? nil : become
    }

    private func timedOut(_ timeout: Duration?) -> TransportError {
        .timedOut(peer: peer, what: "the command", after: timeout ?? .zero)
    }

    private func refuseNUL(in script: String) throws(TransportError) {
        guard script.utf8.contains(0) else { return }
        throw .localProblem(
            peer: peer, Diagnostic(code: "nul-in-command", "a command cannot contain a NUL character"))
    }
}

extension ScriptProcess {
    /// Whether the input was taken. Why it was not is for the reader to tell: the script may have ended, in
    /// which case its status says more than the refusal.
    private func send(_ chunk: [UInt8]) async -> Bool {
        do throws(TransportError) {
            try await write(chunk)
            return true
        } catch {
            return false
        }
    }

    /// Sends the chunks while the output is read, for neither may wait for the other.
    fileprivate func run<Chunks: AsyncSequence & Sendable>(
        feeding chunks: Chunks, limit: Int
    ) async throws -> CommandResult where Chunks.Element == [UInt8] {
        let began = ContinuousClock.now
        return try await withThrowingTaskGroup(of: CommandResult?.self) { group in
            group.addTask {
                for try await chunk in chunks where await !send(chunk) { return nil }
                try? await finishInput()
                return nil
            }
            group.addTask {
                var stdout = BoundedOutput(limit: limit)
                var stderr = BoundedOutput(limit: limit)
                let end = try await run(hasInput: true) { chunk in
                    switch chunk {
                    case .stdout(let bytes): stdout.append(bytes[...])
                    case .stderr(let bytes): stderr.append(bytes[...])
                    }
                }
                return CommandResult(
                    end: end, stdout: stdout.output(), stderr: stderr.output(), duration: began.duration(to: .now))
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }
}
