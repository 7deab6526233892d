import Foundation

/// A real ssh-agent with some keys.
final class TestAgent: Sendable {
    let socket: String
    private let directory: TemporaryDirectory
    private let program: Program

    init(keys: [TestKey]) async throws {
        directory = try TemporaryDirectory()
        socket = "\(directory.path)/agent"
        program = try Program(["/usr/bin/ssh-agent", "-D", "-a", socket], output: "\(directory.path)/log")
        for _ in 0..<200 where !FileManager.default.fileExists(atPath: socket) {
            try await Task.sleep(for: .milliseconds(10))
        }
        for key in keys {
            try await Program.run("/usr/bin/ssh-add", "-q", key.path(), environment: ["SSH_AUTH_SOCK": socket])
        }
    }

    deinit { program.stop() }
}
