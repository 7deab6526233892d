import Foundation

/// The program under test: `OPSCTL_BINARY`, else the debug build of this package.
enum Program {
    /// What a run printed, and its exit status.
    struct Result: CustomStringConvertible {
        var status: Int32
        var output: String
        var errors: String

        var description: String { "exit status \(status)\n--- stdout\n\(output)--- stderr\n\(errors)" }
        var lines: [String] { output.split(separator: "\n").map(String.init) }
    }

    static let path = ProcessInfo.processInfo.environment["OPSCTL_BINARY"] ?? root.appending(path: ".build/debug/opsctl").path

    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Runs a program with its streams in files, so that nothing can block on a full pipe.
    /// - Parameter input: standard input; without it there is none
    static func run(
        _ arguments: [String], program executable: String = path, in directory: URL, environment: [String: String], input: String = ""
    ) async throws -> Result {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "opsctl-cli-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }
        let (stdin, stdout, stderr) = (scratch.appending(path: "in"), scratch.appending(path: "out"), scratch.appending(path: "err"))
        try Data(input.utf8).write(to: stdin)
        for file in [stdout, stderr] { try Data().write(to: file) }
        let process = Process()
        process.executableURL = URL(filePath: executable)
        process.arguments = arguments
        process.currentDirectoryURL = directory
        process.environment = environment
        process.standardInput = try FileHandle(forReadingFrom: stdin)
        process.standardOutput = try FileHandle(forWritingTo: stdout)
        process.standardError = try FileHandle(forWritingTo: stderr)
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do { try process.run() } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        return Result(
            status: process.terminationStatus, output: try String(contentsOf: stdout, encoding: .utf8),
            errors: try String(contentsOf: stderr, encoding: .utf8))
    }
}
