import Foundation
import OpsCore
import Synchronization

/// The transport of `connection: local`: programs run on this machine, as the user who runs opsctl.
public final class LocalTransport: Transport {
    public let peer = "local"

    private struct State {
        var processes: [ObjectIdentifier: LocalProcess] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())
    private let shell: [String]

    /// - Parameter shell: the program, an absolute path, and its first arguments, that interpret a command
    ///   line; `-c` and the line are added. Tests put other login shells here.
    public init(shell: [String] = ["/bin/sh"]) {
        self.shell = shell
    }

    public func start(_ command: String) async throws(TransportError) -> any RemoteProcess {
        let process: LocalProcess
        do {
            process = try LocalProcess(arguments: shell + ["-c", command], peer: peer)
        } catch {
            throw .localProblem(
                peer: peer, Diagnostic(code: "spawn-failed", "cannot start \(shell[0]): \(error)"))
        }
        let accepted = state.withLock { state in
            if state.isClosed { return false }
            state.processes = state.processes.filter { !$0.value.isClosed }
            state.processes[ObjectIdentifier(process)] = process
            return true
        }
        guard accepted else {
            await process.close()
            throw .connectionLost(peer: peer, reason: "the session is closed")
        }
        return process
    }

    public func connect(to endpoint: Endpoint) async throws(TransportError) -> SocketDescriptor {
        try await SocketConnect.connect(to: endpoint, peer: peer)
    }

    /// Whether a name or address is this machine's own: a socket can be bound to nothing else.
    public static func owns(_ host: String) async -> Bool {
        guard let addresses = try? await SocketAddress.resolve(.tcp(host: host, port: 0)) else { return false }
        return !addresses.isEmpty && addresses.allSatisfy(\.canBeBound)
    }

    public func close() async {
        let processes = state.withLock { state in
            state.isClosed = true
            defer { state.processes = [:] }
            return Array(state.processes.values)
        }
        for process in processes { await process.close() }
    }
}
