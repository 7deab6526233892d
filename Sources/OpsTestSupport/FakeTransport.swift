import OpsCore
import OpsTransport
import Synchronization

/// A host for tests: answers scripts as it was told to, and fails those it knows nothing of.
public final class FakeTransport: Transport {
    /// What the host does when a script contains a text.
    public struct Answer: Sendable {
        var pattern: String
        var stdout: String
        var stderr: String
        var status: Int
        var uses: Int

        /// - Parameters:
        ///   - pattern: a part of the script; the first answer whose pattern fits is given.
        ///   - uses: how often it can be given, for scripts whose answer changes.
        public init(_ pattern: String, stdout: String = "", stderr: String = "", status: Int = 0, uses: Int = .max) {
            self.pattern = pattern
            self.stdout = stdout
            self.stderr = stderr
            self.status = status
            self.uses = uses
        }
    }

    /// A script that ran.
    public struct Run: Sendable, Equatable {
        public var script: String
        /// Its standard input.
        public var input: [UInt8]
        /// The user it was to run as; nil without become.
        public var user: String?

        public init(script: String, input: [UInt8] = [], user: String? = nil) {
            self.script = script
            self.input = input
            self.user = user
        }
    }

    private struct State {
        var answers: [Answer]
        var runs: [Run] = []
        var unscripted: [String] = []
    }

    public let peer = "fake"
    private let state: Mutex<State>

    public init(_ answers: [Answer] = []) { state = Mutex(State(answers: answers)) }

    /// Every script so far, in order.
    public var runs: [Run] { state.withLock { $0.runs } }

    /// Scripts that no answer fits; a test that ends with one has gone wrong.
    public var unscripted: [String] { state.withLock { $0.unscripted } }

    public func start(_ command: String) async throws(TransportError) -> any RemoteProcess {
        FakeProcess(command) { [self] in answer($0) }
    }

    public func connect(to endpoint: Endpoint) async throws(TransportError) -> SocketDescriptor {
        throw .channelRefused(peer: peer, what: "a connection to \(endpoint)", reason: "fake hosts have no network")
    }

    public func close() async {}

    private func answer(_ run: Run) -> Answer? {
        state.withLock { state in
            state.runs.append(run)
            guard let index = state.answers.firstIndex(where: { $0.uses > 0 && run.script.contains($0.pattern) })
            else {
                state.unscripted.append(run.script)
                return nil
            }
            state.answers[index].uses -= 1
            return state.answers[index]
        }
    }
}
