import Foundation
import OpsSSH

/// A real OpenSSH server on a loopback port, with keys of its own.
final class SSHServer: Sendable {
    let directory: TemporaryDirectory
    let port: Int
    let program: Program

    /// - Parameters:
    ///   - options: lines to put before the defaults in sshd_config (the first value wins).
    ///   - hostKeys: types of the host keys.
    ///   - hasTester: run where `TestAccount` exists (needs root).
    init(
        _ options: [String] = [], hostKeys: [String] = ["ed25519"], authorized: [TestKey] = [.ed25519],
        hasTester: Bool = false
    ) async throws {
        let directory = try TemporaryDirectory()
        port = try FreePort.find()
        for type in hostKeys {
            try await SSHKeygen.make("\(directory.path)/host_\(type)", ["-t", type, "-N", ""])
        }
        if getuid() == 0 { try? FileManager.default.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true) }
        var keys = ""
        for key in authorized { keys += try await key.publicLine() + "\n" }
        let authorizedKeys = try directory.write(keys, to: "authorized_keys")
        let config =
            options
            + [
                "Port \(port)", "ListenAddress 127.0.0.1", "UsePAM no", "StrictModes no", "PidFile none",
                "AuthorizedKeysFile \(authorizedKeys)", "PermitRootLogin yes", "PasswordAuthentication no",
                "KbdInteractiveAuthentication no", "MaxStartups 1000", "LogLevel VERBOSE",
                // Whatever the start files of the machine's own user do, and say, is no part of a test.
                "SetEnv HOME=\(directory.path)",
            ] + hostKeys.map { "HostKey \(directory.path)/host_\($0)" }
        let file = try directory.write(config.joined(separator: "\n") + "\n", to: "sshd_config")
        self.directory = directory
        var command = ["/usr/sbin/sshd", "-D", "-e", "-f", file]
        if hasTester { command = try await TestAccount(in: directory, authorized: authorized).wrap(command) }
        program = try Program(command, output: "\(directory.path)/log")
        try await FreePort.waitForGreeting(port)
    }

    deinit { program.stop() }

    var log: String { directory.read("log") }

    func hostKeyLine(_ type: String = "ed25519") -> String {
        directory.read("host_\(type).pub").split(separator: " ").prefix(2).joined(separator: " ")
    }

    /// Where to log in with the first authorized key; the host key is known.
    func target(key: TestKey = .ed25519, knownHosts: String? = nil) async throws -> SSHTarget {
        var target = SSHTarget(host: "127.0.0.1", port: port, user: NSUserName())
        let name = "known_hosts-\(UUID().uuidString.prefix(8))"
        let text = knownHosts ?? "[127.0.0.1]:\(port) \(hostKeyLine())\n"
        target.knownHostsFiles = [try directory.write(text, to: name)]
        target.globalKnownHostsFiles = []
        target.agentSocket = nil
        target.identities = [Identity(path: try await key.path())]
        // The suite keeps every core busy; tests that are about this time set their own.
        target.connectTimeout = .seconds(60)
        return target
    }
}
