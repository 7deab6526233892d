/// Everything that happens in a run, in order. Terminal, JSON lines, run record, JUnit and exit status
/// are made from this one stream; nothing else prints.
///
/// Texts in events are already redacted by the engine.
public enum Event: Sendable, Hashable {
    case runStarted(RunStarted)
    case playStarted(PlayStarted)
    case hostConnected(HostConnected)
    case stepStarted(StepRef)
    /// What a long step waits for, every few seconds.
    case stepProgress(StepProgress)
    case stepFinished(StepFinished)
    /// Something worth knowing that isn't an outcome.
    case notice(Notice)
    case runFinished(RunFinished)

    public struct RunStarted: Sendable, Codable, Hashable {
        /// Sortable id: `20261121T093000Z-3fa2`.
        public var run: String
        /// `deploy`, `verify`, `run`, ...
        public var command: String
        public var playbook: String
        public var inventory: String
        public var checkMode: Bool
        public var hosts: Int

        public init(run: String, command: String, playbook: String, inventory: String, checkMode: Bool, hosts: Int) {
            self.run = run
            self.command = command
            self.playbook = playbook
            self.inventory = inventory
            self.checkMode = checkMode
            self.hosts = hosts
        }
    }

    public struct PlayStarted: Sendable, Codable, Hashable {
        public var name: String
        public var hosts: [String]

        public init(name: String, hosts: [String]) {
            self.name = name
            self.hosts = hosts
        }
    }

    public struct HostConnected: Sendable, Codable, Hashable {
        public var host: String
        /// `deploy@10.77.0.11:22`
        public var peer: String
        public var seconds: Double

        public init(host: String, peer: String, seconds: Double) {
            self.host = host
            self.peer = peer
            self.seconds = seconds
        }
    }

    /// One step on one host.
    public struct StepRef: Sendable, Codable, Hashable {
        public var host: String
        /// Unique within the run, the same for all hosts.
        public var step: Int
        /// The step's name with its variables filled in, else its module.
        public var name: String
        public var module: String
        public var location: SourceLocation?
        /// Handlers are shown as such.
        public var isHandler: Bool

        public init(
            host: String, step: Int, name: String, module: String, location: SourceLocation?, isHandler: Bool = false
        ) {
            self.host = host
            self.step = step
            self.name = name
            self.module = module
            self.location = location
            self.isHandler = isHandler
        }
    }

    public struct StepProgress: Sendable, Codable, Hashable {
        public var ref: StepRef
        public var message: String

        public init(ref: StepRef, message: String) {
            self.ref = ref
            self.message = message
        }
    }

    public struct StepFinished: Sendable, Codable, Hashable {
        public var ref: StepRef
        public var outcome: Outcome
        public var seconds: Double
        /// Reason of a skip or failure, or what was done: usually one line, may be empty. Needn't repeat what
        /// changes, checks or the diagnostic say.
        public var message: String
        /// Set when a failure did not end the host's run.
        public var ignored: Bool
        /// Set when a `rescue` takes over.
        public var rescued: Bool
        public var changes: [Change]
        public var checks: [Check]
        /// What the command printed, bounded; shown for failures and `debug`.
        public var stdout: String
        public var stderr: String
        public var diagnostic: Diagnostic?
        /// Label of the loop's item, if this is one item of a loop. The loop's own end comes after its items,
        /// without a label, and repeats none of their changes and checks.
        public var item: String?

        public init(
            ref: StepRef, outcome: Outcome, seconds: Double, message: String = "", ignored: Bool = false,
            rescued: Bool = false, changes: [Change] = [], checks: [Check] = [], stdout: String = "",
            stderr: String = "", diagnostic: Diagnostic? = nil, item: String? = nil
        ) {
            self.ref = ref
            self.outcome = outcome
            self.seconds = seconds
            self.message = message
            self.ignored = ignored
            self.rescued = rescued
            self.changes = changes
            self.checks = checks
            self.stdout = stdout
            self.stderr = stderr
            self.diagnostic = diagnostic
            self.item = item
        }
    }

    public struct Notice: Sendable, Codable, Hashable {
        public var host: String?
        public var diagnostic: Diagnostic

        public init(host: String? = nil, _ diagnostic: Diagnostic) {
            self.host = host
            self.diagnostic = diagnostic
        }
    }

    public struct RunFinished: Sendable, Codable, Hashable {
        public var run: String
        public var seconds: Double
        public var recap: [HostRecap]
        /// The program's exit status: 0, 2, 3, 4 or 130.
        public var exitStatus: Int
        public var interrupted: Bool
        /// Requests that waited for an answer of a host, over all hosts.
        public var roundTrips: Int

        public init(
            run: String, seconds: Double, recap: [HostRecap], exitStatus: Int, interrupted: Bool, roundTrips: Int
        ) {
            self.run = run
            self.seconds = seconds
            self.recap = recap
            self.exitStatus = exitStatus
            self.interrupted = interrupted
            self.roundTrips = roundTrips
        }
    }
}

/// The counts that end a run, per host. `ok` includes changed and ignored ones, as in Ansible.
public struct HostRecap: Sendable, Codable, Hashable {
    public var host: String
    public var ok = 0
    public var changed = 0
    public var unreachable = 0
    public var failed = 0
    public var skipped = 0
    public var rescued = 0
    public var ignored = 0
    /// Set when the run ended before this host was started.
    public var notStarted = false

    public init(host: String) { self.host = host }
}
