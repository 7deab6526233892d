/// A script on its way through the shared shell. Belongs to its `RemoteShell`.
final class ShellRequest {
    let nonce: Nonce
    let text: [UInt8]
    let timeout: Duration?
    private var stdout: BoundedOutput
    private var stderr: BoundedOutput
    private var continuation: CheckedContinuation<CommandResult, any Error>?

    /// When it became the shell's next.
    var began = ContinuousClock.now
    /// Ends it when its time is up, or gives the shell up when ending takes too long.
    var timer: Task<Void, any Error>?
    var isSent = false
    /// The shell has said that it runs.
    var isBegun = false
    /// The process that runs it.
    var number: Int?
    /// Why it was ended before its time.
    var interruption: TransportError?
    var isEnding = false
    var isResent = false
    /// Output streams whose end mark is still to come.
    var openStreams = 2

    init(
        nonce: Nonce, text: [UInt8], timeout: Duration?, limit: Int,
        _ continuation: CheckedContinuation<CommandResult, any Error>
    ) {
        self.nonce = nonce
        self.text = text
        self.timeout = timeout
        self.continuation = continuation
        stdout = BoundedOutput(limit: limit)
        stderr = BoundedOutput(limit: limit)
    }

    func append(_ bytes: ArraySlice<UInt8>, isError: Bool) {
        if isError { stderr.append(bytes) } else { stdout.append(bytes) }
    }

    /// Answers whoever waits, unless that was done.
    func complete(status: Int) {
        if let interruption { return fail(interruption) }
        timer?.cancel()
        continuation?.resume(
            returning: CommandResult(
                end: .exited(status), stdout: stdout.output(), stderr: stderr.output(),
                duration: began.duration(to: .now)))
        continuation = nil
    }

    func fail(_ error: any Error) {
        timer?.cancel()
        continuation?.resume(throwing: error)
        continuation = nil
    }
}
