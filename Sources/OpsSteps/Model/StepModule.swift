import OpsCore
import OpsTransport

/// A kind of step: what it is called, what arguments it takes, and how it is done on one host.
///
/// An instance stands for one step on one host with its arguments rendered. Reading (`probe`) is apart
/// from doing (`perform`), so that the engine can ask for many steps at once and so that a plan and a
/// deploy compare in the same way.
public protocol StepModule: Sendable {
    /// As written in a playbook.
    static var name: String { get }

    /// Every argument that may be written.
    static var parameters: [Parameter] { get }

    /// Whether running it leaves the host as it was. Steps that may change something end a batch of probes.
    static var isReadOnly: Bool { get }

    /// Whether it works on the host at all. Those that don't never make a connection.
    static var needsHost: Bool { get }

    /// Reads and checks the arguments.
    init(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws

    /// What must be known of the host first; nil if nothing.
    var probe: Probe? { get }

    /// Where on the host it will probably connect to, as far as that is known before anything has been asked.
    var destinations: [Endpoint] { get }

    /// Does the step, or in check mode finds out what it would do.
    func perform(_ work: StepWork) async throws -> StepResult
}

extension StepModule {
    public static var isReadOnly: Bool { false }
    public static var needsHost: Bool { true }
    public var probe: Probe? { nil }
    public var destinations: [Endpoint] { [] }
}

/// A module that brings something into a declared state: it compares, and applies only what differs.
public protocol StateModule: StepModule {
    /// What differs between the declared state and what the probe saw. Read-only.
    func changes(_ work: StepWork) async throws -> [Change]

    /// Makes the changes. Called only outside check mode and only if there are any.
    func apply(_ changes: [Change], _ work: StepWork) async throws -> StepResult
}

extension StateModule {
    public func perform(_ work: StepWork) async throws -> StepResult {
        let changes = try await changes(work)
        if changes.isEmpty || work.mode.checkMode { return StepResult(changes: changes) }
        return try await apply(changes, work)
    }
}

/// A read-only script, and the user it must run as.
public struct Probe: Hashable, Sendable {
    /// POSIX sh. What it prints on standard output is the answer; it must leave the host as it was.
    public var script: String

    public init(_ script: String) { self.script = script }
}

/// An argument of a module.
public struct Parameter: Sendable {
    public var name: String
    public var aliases: [String]
    public var isRequired: Bool
    /// The only texts allowed; empty for anything.
    public var choices: [String]
    public var summary: String

    public init(
        _ name: String, _ summary: String, required: Bool = false, choices: [String] = [], aliases: [String] = []
    ) {
        self.name = name
        self.summary = summary
        isRequired = required
        self.choices = choices
        self.aliases = aliases
    }

    /// The text of a short form: `command: ls -l`.
    public static let freeText = "_free_text"
}
