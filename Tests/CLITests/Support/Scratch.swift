import Foundation

/// A directory with a home of its own, removed when the test is over.
final class Scratch: Sendable {
    let directory: URL

    /// - Parameter files: content by path
    init(_ files: [String: String] = [:]) throws {
        directory = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().appending(path: "opsctl-cli-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory.appending(path: "home"), withIntermediateDirectories: true)
        for (path, content) in files { try write(content, to: path) }
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    /// Three hosts that are this machine.
    static let localInventory = """
        all:
          hosts: {one: {}, two: {}, three: {}}
          vars:
            ansible_connection: local
            scratch: "{{ lookup('env', 'SCRATCH') }}"
            log: "{{ scratch }}/log"

        """

    /// A project whose hosts are this machine, with one playbook, `site`.
    static func project(_ playbook: String, _ files: [String: String] = [:]) throws -> Scratch {
        try Scratch(["inventory/lab.yml": localInventory, "playbooks/site.yml": playbook].merging(files) { $1 })
    }

    func path(_ name: String) -> String { directory.appending(path: name).path }
    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }
    func read(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }

    /// Lines of the file that steps append to.
    var log: [String] { (try? read("log").split(separator: "\n").map(String.init)) ?? [] }

    func write(_ content: String, to name: String) throws {
        let file = directory.appending(path: name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(content.utf8).write(to: file)
    }

    /// Runs opsctl here.
    func opsctl(_ arguments: String..., input: String = "", environment: [String: String] = [:]) async throws -> Program.Result {
        try await opsctl(arguments, input: input, environment: environment)
    }

    func opsctl(_ arguments: [String], input: String = "", environment: [String: String] = [:]) async throws -> Program.Result {
        try await Program.run(arguments, in: directory, environment: self.environment.merging(environment) { $1 }, input: input)
    }

    /// Runs another program here, found in the path.
    func tool(_ words: String..., input: String = "") async throws -> Program.Result {
        try await Program.run(words, program: "/usr/bin/env", in: directory, environment: environment, input: input)
    }

    /// Nothing of the developer's: no keys, no settings.
    var environment: [String: String] {
        [
            "HOME": path("home"), "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "SCRATCH": directory.path,
            "LC_ALL": "C.UTF-8", "GIT_CONFIG_NOSYSTEM": "1",
        ]
    }
}
