import OpsCore
import OpsTransport

/// A step's hands: the host's session, as whom to work, and how long.
public struct StepWork: Sendable {
    public let mode: StepMode
    public let session: HostSession
    public let become: BecomeSettings?
    /// Most time that one command of the step may take.
    public let timeout: Duration
    /// `environment:` of the step, rendered.
    public let variables: [(name: String, value: String)]
    /// The probe's answer, if the module has a probe.
    public let seen: CommandResult?
    /// Tells the user what is being waited for.
    public let progress: @Sendable (String) async -> Void

    public init(
        mode: StepMode, session: HostSession, become: BecomeSettings?, timeout: Duration,
        variables: [(name: String, value: String)] = [], seen: CommandResult?,
        progress: @escaping @Sendable (String) async -> Void
    ) {
        self.mode = mode
        self.session = session
        self.become = become
        self.timeout = timeout
        self.variables = variables
        self.seen = seen
        self.progress = progress
    }

    /// Runs a script on the host and gives its answer whatever its exit status.
    public func run(
        _ script: String, input: SensitiveText? = nil, timeout: Duration? = nil
    ) async throws -> CommandResult {
        let bytes = input.map { $0.reveal { Array($0.utf8) } }
        return try await session.run(exports + script, input: bytes, timeout: timeout ?? self.timeout, become: become)
    }

    /// Runs a script that must succeed.
    /// - Throws: a `Diagnostic` with what the script said, or a `TransportError`.
    @discardableResult
    public func require(
        _ script: String, to purpose: String, input: SensitiveText? = nil, timeout: Duration? = nil
    ) async throws -> CommandResult {
        let result = try await run(script, input: input, timeout: timeout)
        guard result.succeeded else { throw result.complaint(failing: purpose) }
        return result
    }

    /// Runs a script with bytes on its standard input, over a channel of its own.
    @discardableResult
    public func upload(_ bytes: [UInt8], into script: String, to purpose: String) async throws -> CommandResult {
        let result = try await session.upload(ByteChunks([bytes]), to: exports + script, timeout: timeout, become: become)
        guard result.succeeded else { throw result.complaint(failing: purpose) }
        return result
    }

    /// Sets the step's environment for what follows. No secret is in it: preparation refuses that.
    private var exports: String {
        variables.map { "export \($0.name)=\(ShellQuoting.quote($0.value))\n" }.joined()
    }
}

extension CommandResult {
    /// The reason for a failure, in the command's own words.
    public func complaint(failing purpose: String) -> Diagnostic {
        let words = (stderr.text.isEmpty ? stdout.text : stderr.text).split(separator: "\n").suffix(5)
        let reason = words.map { $0.trimming() }.filter { !$0.isEmpty }.joined(separator: "; ")
        return Diagnostic(
            code: "command-failed", "cannot \(purpose): " + (reason.isEmpty ? endDescription : reason))
    }

    /// `exit status 3`, `killed by signal KILL`.
    public var endDescription: String {
        switch end {
        case .exited(let code): "exit status \(code)"
        case .signaled(let name): "killed by signal \(name)"
        }
    }
}
