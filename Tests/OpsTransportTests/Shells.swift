import Foundation
import OpsCore
import OpsTransport
import Testing

/// This machine with one of the shells that hosts have as `/bin/sh`.
struct Shell: Sendable, CustomTestStringConvertible {
    let name: String
    let path: String

    var testDescription: String { name }

    static let dash = Shell(name: "dash", path: "/bin/dash")
    static let bash = Shell(name: "bash", path: "/bin/bash")
    static let ash = Shell(name: "busybox ash", path: "/bin/busybox sh")
    static let all = [dash, bash, ash]

    var transport: LocalTransportWithShell { LocalTransportWithShell(shell: path) }

    /// A session that is closed at the end, whatever happens.
    @discardableResult
    func withSession<T: Sendable>(_ body: (HostSession) async throws -> T) async throws -> T {
        let session = HostSession(transport: transport)
        do {
            let value = try await body(session)
            await session.close()
            return value
        } catch {
            await session.close()
            throw error
        }
    }
}

/// A local transport on which `/bin/sh` is another shell, and programs may be found elsewhere first.
struct LocalTransportWithShell: Transport {
    private let base: LocalTransport
    private let shell: String
    private let path: String?

    init(login: [String] = ["/bin/sh"], shell: String = "/bin/sh", path: String? = nil) {
        base = LocalTransport(shell: login)
        self.shell = shell
        self.path = path
    }

    var peer: String { base.peer }

    func start(_ command: String) async throws(TransportError) -> any RemoteProcess {
        let line = command.replacing("/bin/sh", with: shell)
        return try await base.start(path.map { "PATH=\($0):$PATH; export PATH; \(line)" } ?? line)
    }

    func connect(to endpoint: Endpoint) async throws(TransportError) -> SocketDescriptor {
        try await base.connect(to: endpoint)
    }

    func close() async { await base.close() }
}

/// Whether a process with this number runs and is not merely waiting to be reaped.
func isRunning(_ pid: Int) -> Bool {
    guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
    return text.split(separator: ")").last?.split(separator: " ").first != "Z"
}

/// Waits until something holds, at most five seconds.
func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
    for _ in 0..<250 {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(20))
    }
    return false
}
