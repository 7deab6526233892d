import Foundation

/// The program under test, run as a process as its users run it.
///
/// Output goes to files, never to pipes, so that nothing can fill up and hang; every run has a deadline.
struct Opsctl {
    /// How a run ended and what it said.
    struct Result: CustomStringConvertible {
        var status: Int32
        var stdout: String
        var stderr: String
        var seconds: Double

        /// Both streams, for words that may stand in either.
        var all: String { stdout + stderr }

        var description: String { "exit \(status) after \(seconds) s\n--- stdout\n\(stdout)\n--- stderr\n\(stderr)" }
    }

    /// `OPSCTL_BINARY`, or what `swift build` makes of this checkout.
    static let binary = ProcessInfo.processInfo.environment["OPSCTL_BINARY"] ?? Lab.checkout + "/.build/debug/opsctl"

    /// Runs to the end, or kills the program at the deadline (status 137).
    ///
    /// - Parameter environment: added to the little that every run gets.
    static func run(
        _ arguments: [String], environment: [String: String] = [:], in directory: String, stdin: String = "",
        timeout: Duration = .seconds(90)
    ) async throws -> Result {
        try await RunningOpsctl(arguments, environment: environment, in: directory, stdin: stdin).end(within: timeout)
    }
}

/// opsctl while it runs: for tunnels, ctrl-C, and faults in the middle of something.
final class RunningOpsctl {
    private let process = Process()
    private let files: String
    private let started = ContinuousClock.now

    init(_ arguments: [String], environment: [String: String] = [:], in directory: String, stdin: String = "") throws {
        files = NSTemporaryDirectory() + "opsctl-lab-run-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: files, withIntermediateDirectories: true)
        for (name, content) in [("stdin", stdin), ("stdout", ""), ("stderr", "")] {
            try content.write(toFile: "\(files)/\(name)", atomically: false, encoding: .utf8)
        }
        process.executableURL = URL(fileURLWithPath: Opsctl.binary)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        // No agent, no ~/.ssh and no settings of whoever runs the tests.
        process.environment = ["HOME": directory, "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "OPSCTL_LAB_DIR": Lab.state]
            .merging(environment) { $1 }
        process.standardInput = FileHandle(forReadingAtPath: files + "/stdin")
        process.standardOutput = FileHandle(forWritingAtPath: files + "/stdout")
        process.standardError = FileHandle(forWritingAtPath: files + "/stderr")
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(atPath: files)
    }

    var processID: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }
    var stdout: String { text("stdout") }
    var stderr: String { text("stderr") }

    private func text(_ name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: "\(files)/\(name)") ?? Data(), as: UTF8.self)
    }

    /// What ctrl-C sends.
    func interrupt() { kill(process.processIdentifier, SIGINT) }

    /// Waits for the end, or kills at the deadline.
    func end(within timeout: Duration) async throws -> Opsctl.Result {
        try await process.end(within: timeout)
        let status = process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
        let elapsed = (ContinuousClock.now - started) / .seconds(1)
        return Opsctl.Result(status: status, stdout: stdout, stderr: stderr, seconds: elapsed)
    }
}

extension Process {
    /// Waits for the end, and kills the program at the deadline.
    ///
    /// - Throws: if it counts as running even then: to Foundation a program runs as long as anything that it
    ///   started lives, which a kill does not end.
    func end(within timeout: Duration) async throws {
        if try await eventually(within: timeout, { !isRunning }) { return }
        kill(processIdentifier, SIGKILL)
        guard try await eventually(within: .seconds(5), { !isRunning }) else {
            throw Lab.Missing(description: "\(arguments ?? []) was killed after \(timeout), but left something running")
        }
    }
}

/// Polls until `condition` holds.
/// - Returns: whether it came to hold before the deadline.
func eventually(within timeout: Duration = .seconds(20), _ condition: () async throws -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + timeout
    while true {
        if try await condition() { return true }
        if ContinuousClock.now >= deadline { return false }
        try await Task.sleep(for: .milliseconds(20))
    }
}
