import Foundation
import Testing

/// The lab's hosts, as lab/README.md describes them.
enum Lab {
    static let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path
    static let state = ProcessInfo.processInfo.environment["OPSCTL_LAB_DIR"] ?? "/var/lib/opsctl-lab"
    static let knownHosts = state + "/ssh/known_hosts"
    static let mon1 = "10.77.0.11"
    static let app1 = "10.77.0.12"
    /// For `verify`: the stand-ins are scripts, and tests keep the machine's processors busy, so what the stack takes then
    /// says nothing of it. `opsctl verify lab` by hand has the limit that is shipped.
    static let whileTestsRun = ["-e", "overhead_percent=25"]
    /// An address of the lab's network that no host has.
    static let nobody = "10.77.0.99"

    static func key(_ name: String = "id_ed25519") -> String { "\(state)/ssh/\(name)" }

    struct Missing: Error, CustomStringConvertible {
        var description: String
    }

    /// Fails the test, and never skips it, if the lab or the program is missing.
    static func require() throws {
        for host in ["mon1", "app1"] {
            let pid = (try? String(contentsOfFile: "\(state)/hosts/\(host)/pid", encoding: .utf8))?.split(separator: " ").first
            guard let pid, FileManager.default.fileExists(atPath: "/proc/\(pid.filter(\.isNumber))") else {
                throw Missing(description: "the lab's host \(host) is not up; start it with: lab/up")
            }
        }
        guard FileManager.default.isExecutableFile(atPath: Opsctl.binary) else {
            throw Missing(description: "\(Opsctl.binary) is missing; make it with: swift build")
        }
    }

    /// Runs a script as root inside a host, without SSH.
    @discardableResult
    static func shell(_ host: String, _ script: String, timeout: Duration = .seconds(60)) async throws -> String {
        try await tool("\(checkout)/lab/shell", [host, "sh", "-c", script], timeout: timeout)
    }

    /// Runs a program of this machine, and gives what it wrote to stdout. A status other than 0 is an error.
    @discardableResult
    static func tool(_ path: String, _ arguments: [String], timeout: Duration = .seconds(60)) async throws -> String {
        let out = NSTemporaryDirectory() + "opsctl-lab-tool-\(UUID().uuidString)"
        _ = FileManager.default.createFile(atPath: out, contents: nil)
        defer { try? FileManager.default.removeItem(atPath: out) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [path] + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: out)
        process.standardError = FileHandle.nullDevice
        try process.run()
        try await process.end(within: timeout)
        let text = try String(contentsOfFile: out, encoding: .utf8)
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            throw Missing(description: "\(path) \(arguments.joined(separator: " ")) ended with \(process.terminationStatus)\n\(text)")
        }
        return text
    }
}
