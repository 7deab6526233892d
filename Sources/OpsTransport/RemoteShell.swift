import OpsCore

/// One long-lived `sh` on a host, as one user, in which scripts run one after another.
///
/// A script costs one round trip: no login, no channel, no shell start. Scripts run concurrently from here
/// are sent together and run in the order in which they came; only send together what may run even if an
/// earlier one fails. Script text and input go over standard input, never in arguments.
///
/// The shell starts with the first script. If a script kills it, that script fails with
/// `TransportError.shellEnded` and the next one starts a new shell.
actor RemoteShell {
    /// How long a script that is being ended may take, before its shell is given up instead.
    static let endLimit = Duration.seconds(2)

    let launcher: ShellLauncher
    var process: (any RemoteProcess)?
    /// The shell's process number once it is ready, 0 if it could not tell.
    var shellNumber: Int?
    var streams = ShellStreams()
    /// Every script that has not ended, in the order in which the shell runs them.
    var queue: [ShellRequest] = []
    private var outbox: [UInt8] = []
    private var server: Task<Void, Never>?
    private var sender: Task<Void, Never>?
    var isClosed = false
    /// The shell is being closed because it would not end a script.
    var isGivenUp = false

    init(launcher: ShellLauncher) { self.launcher = launcher }

    var peer: String { launcher.peer }

    /// Runs a script and gives what it did.
    ///
    /// - Parameters:
    ///   - script: any POSIX shell text; runs in a subshell with `LC_ALL=C`.
    ///   - input: its standard input, without NUL; `/dev/null` if nil.
    ///   - timeout: from when it can begin. At its end, or when the task is cancelled, the script and all it
    ///     started are ended on the host before this throws. A script that still waits for earlier ones when
    ///     the task is cancelled is ended when its turn comes.
    ///   - limit: bytes kept per output stream; what is left out in the middle is counted.
    /// - Throws: `TransportError`, or `BecomeError` if the shell cannot run as the other user.
    func run(
        _ script: String, input: [UInt8]? = nil, timeout: Duration? = nil, limit: Int = CommandOutput.defaultLimit
    ) async throws -> CommandResult {
        if Task.isCancelled { throw TransportError.cancelled(peer: peer) }
        if isClosed { throw TransportError.connectionLost(peer: peer, reason: "the session is closed") }
        let nonce = Nonce()
        let text = ShellText.request(script, input: input, nonce: nonce)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enqueue(ShellRequest(nonce: nonce, text: text, timeout: timeout, limit: limit, continuation))
            }
        } onCancel: {
            // A cancellation handler cannot wait for the actor.
            Task { await self.interrupt(nonce, .cancelled(peer: self.launcher.peer)) }
        }
    }

    /// Ends what still runs, and the shell. Safe to repeat.
    func close() async {
        isClosed = true
        for request in queue { interrupt(request.nonce, .cancelled(peer: peer)) }
        if queue.isEmpty {
            server?.cancel()
            await process?.close()
        }
        await server?.value
    }
}

// MARK: - Sending

extension RemoteShell {
    private func enqueue(_ request: ShellRequest) {
        launcher.statistics.count { statistics in
            statistics.scripts += 1
            if queue.isEmpty { statistics.roundTrips += 1 }
        }
        queue.append(request)
        if process != nil { send(request) }
        // The reader of the shell's output lives exactly as long as there are scripts or a shell.
        if server == nil { server = Task { await serve() } }
    }

    private func send(_ request: ShellRequest) {
        request.isSent = true
        streams.expect(request.nonce)
        outbox += request.text
        if queue.first === request { becomeFirst(request) }
        flush()
    }

    /// Writes in a task of its own: a caller that is cancelled must not leave half a script behind.
    private func flush() {
        guard sender == nil, let process, !outbox.isEmpty else { return }
        sender = Task {
            while !outbox.isEmpty {
                let bytes = outbox
                outbox = []
                // Whoever reads learns of a broken connection too, and tells it.
                do { try await process.write(bytes) } catch { break }
            }
            sender = nil
        }
    }

    /// The script is the shell's next: its time starts.
    private func becomeFirst(_ request: ShellRequest) {
        request.began = .now
        request.timer?.cancel()
        if request.interruption != nil { return end(request) }
        guard let timeout = request.timeout else { return }
        request.timer = Task {
            try await Task.sleep(for: timeout)
            interrupt(request.nonce, .timedOut(peer: peer, what: "the command", after: timeout))
        }
    }
}

// MARK: - Receiving

extension RemoteShell {
    /// Starts shells for as long as there are scripts to run.
    private func serve() async {
        while !queue.isEmpty {
            do {
                try await serveOneShell()
            } catch {
                fail { _ in error }
            }
        }
        server = nil
    }

    /// Starts a shell, sends it what waits, and takes its output until it ends.
    private func serveOneShell() async throws {
        streams = ShellStreams()
        isGivenUp = false
        shellNumber = nil
        let timer = Task {
            try await Task.sleep(for: launcher.startTimeout)
            await startIsOverdue()
        }
        defer { timer.cancel() }
        let process = try await launcher.launch(.shared)
        if isClosed { return await process.close() }
        self.process = process
        outbox = Array(ShellText.prologue(streams.hello).utf8)
        for request in queue { send(request) }
        flush()
        let end = await receiveAll(process)
        self.process = nil
        await process.close()
        await sender?.value
        switch end {
        case .success(let end): ended(end)
        case .failure where isGivenUp: ended(.signaled("KILL"))
        case .failure(let error): throw error
        }
    }

    private func receiveAll(_ process: any RemoteProcess) async -> Result<ProcessEnd, TransportError> {
        do throws(TransportError) {
            while let chunk = try await process.read() { streams.feed(chunk).forEach(receive) }
            return .success(try await process.wait())
        } catch {
            return .failure(error)
        }
    }

    private func receive(_ event: ShellStreams.Event) {
        switch event {
        case .ready(let number):
            shellNumber = number
        case .output(let nonce, let bytes, let isError):
            request(nonce)?.append(bytes, isError: isError)
        case .begin(let nonce, let number):
            guard let request = request(nonce) else { return }
            request.isBegun = true
            request.number = number
            if request.interruption != nil { endTree(request) }
        case .end(let nonce, let status):
            guard let request = request(nonce) else { return }
            request.openStreams -= 1
            if request.openStreams == 0 { complete(request, status: status) }
        }
    }

    private func complete(_ request: ShellRequest, status: Int) {
        queue.removeAll { $0 === request }
        request.complete(status: status)
        if let next = queue.first {
            becomeFirst(next)
        } else if isClosed, let process {
            Task { await process.close() }
        }
    }

    func request(_ nonce: Nonce) -> ShellRequest? { queue.first { $0.nonce == nonce } }
}
