import Foundation

/// The program at a terminal, by way of script(1): what it shows, and what a person types.
final class Terminal {
    struct Missing: Error, CustomStringConvertible { var description: String }

    private let process = Process()
    private let keyboard = Pipe()
    private let transcript: URL
    /// How much of the transcript was looked at by `expect`.
    private var seen = 0

    /// Starts `opsctl` with these arguments in a scratch project.
    convenience init(_ arguments: String..., in scratch: Scratch, environment: [String: String] = [:]) throws {
        try self.init(([Program.path] + arguments).map(Self.quoted).joined(separator: " "), in: scratch, environment: environment)
    }

    /// Starts a shell command.
    init(_ command: String, in scratch: Scratch, environment: [String: String] = [:]) throws {
        transcript = scratch.directory.appending(path: "terminal-\(UUID().uuidString)")
        try Data().write(to: transcript)
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["script", "--quiet", "--return", "--flush", "--command", command, "/dev/null"]
        process.currentDirectoryURL = scratch.directory
        process.environment = scratch.environment.merging(environment) { $1 }.merging(["TERM": "xterm", "SHELL": "/bin/sh"]) { $1 }
        process.standardInput = keyboard
        process.standardOutput = try FileHandle(forWritingTo: transcript)
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(at: transcript)
    }

    private static func quoted(_ word: String) -> String { "'" + word.replacing("'", with: "'\\''") + "'" }

    /// Everything shown so far, with plain line ends.
    var screen: String {
        String(decoding: (try? Data(contentsOf: transcript)) ?? Data(), as: UTF8.self).replacing("\r\n", with: "\n")
    }

    /// Waits until the text is shown, behind what was waited for before.
    func expect(_ text: String, within time: Duration = .seconds(90)) async throws {
        let deadline = ContinuousClock.now + time
        while ContinuousClock.now < deadline {
            let screen = screen
            if let found = screen.dropFirst(seen).range(of: text) {
                seen = screen.distance(from: screen.startIndex, to: found.upperBound)
                return
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw Missing(description: "'\(text)' was not shown:\n\(screen)")
    }

    /// Presses keys. Give the terminal a moment to turn its echo off after a question.
    func type(_ keys: String) async throws {
        try await Task.sleep(for: .milliseconds(100))
        try keyboard.fileHandleForWriting.write(contentsOf: Data(keys.utf8))
    }

    /// Waits for the end.
    /// - Returns: exit status, 128 + n after signal n, and all that was shown
    func end(within time: Duration = .seconds(90)) async throws -> (status: Int32, screen: String) {
        let deadline = ContinuousClock.now + time
        while process.isRunning {
            guard ContinuousClock.now < deadline else { throw Missing(description: "it did not end:\n\(screen)") }
            try await Task.sleep(for: .milliseconds(20))
        }
        return (process.terminationStatus, screen)
    }
}
