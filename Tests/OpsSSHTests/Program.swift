import Foundation
import Glibc

/// A program of the machine that a test needs: ssh-keygen, an agent, a server.
///
/// Started with `posix_spawn`, since Foundation's `Process` misses the end of a child when two are started
/// at once: each inherits the other's descriptors.
final class Program: Sendable {
    struct Failed: Error, CustomStringConvertible {
        var description: String
    }

    let processIdentifier: pid_t

    /// - Parameter output: file that takes both output streams.
    init(_ arguments: [String], environment: [String: String] = [:], output: String) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // Worker threads block most signals, and children would inherit that.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }.map { "\($0)=\($1)" }
        var child: pid_t = 0
        let code = Program.withCStrings(arguments) { arguments in
            Program.withCStrings(variables) { posix_spawn(&child, arguments[0]!, &actions, &attributes, arguments, $0) }
        }
        guard code == 0 else { throw Failed(description: "\(arguments): \(String(cString: strerror(code)))") }
        processIdentifier = child
    }

    /// Runs a program to its end and gives what it printed.
    @discardableResult
    static func run(_ arguments: String..., environment: [String: String] = [:]) async throws -> String {
        let directory = try TemporaryDirectory()
        let program = try Program(arguments, environment: environment, output: "\(directory.path)/output")
        let status = try await program.ended()
        let text = directory.read("output")
        guard status == 0 else { throw Failed(description: "\(arguments.joined(separator: " ")): \(text)") }
        return text
    }

    /// Waits for the end without keeping a thread.
    func ended() async throws -> CInt {
        var status: CInt = 0
        while waitpid(processIdentifier, &status, WNOHANG) == 0 { try await Task.sleep(for: .milliseconds(5)) }
        return status
    }

    /// Asks it to end, and after a second makes it; never blocks for longer.
    func stop() {
        var status: CInt = 0
        kill(processIdentifier, SIGTERM)
        for _ in 0..<100 {
            if waitpid(processIdentifier, &status, WNOHANG) != 0 { return }
            usleep(10_000)
        }
        kill(processIdentifier, SIGKILL)
    }

    private static func withCStrings<Result>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = strings.map { strdup($0) }
        defer { copies.forEach { free($0) } }
        return body(copies + [nil])
    }
}

/// A directory of a test's own, gone with it.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "/opsssh-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String, to name: String, mode: Int = 0o600) throws -> String {
        let file = "\(path)/\(name)"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
        return file
    }

    func read(_ name: String) -> String { (try? String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)) ?? "" }
}
