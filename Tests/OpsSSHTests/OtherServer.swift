import Foundation
import OpsSSH

/// A server that isn't OpenSSH.
final class OtherServer: Sendable {
    enum Make: String, CaseIterable, Sendable {
        case dropbear, tinysshd
    }

    let port: Int
    private let directory: TemporaryDirectory
    private let program: Program

    init(_ make: Make) async throws {
        directory = try TemporaryDirectory()
        port = try FreePort.find()
        let account = try await TestAccount(in: directory, authorized: [.ed25519])
        let keys = "\(directory.path)/hostkey"
        let command: [String]
        switch make {
        case .dropbear:
            try await Program.run("/usr/bin/dropbearkey", "-t", "ed25519", "-f", keys)
            command = ["/usr/sbin/dropbear", "-F", "-E", "-p", "127.0.0.1:\(port)", "-r", keys, "-P", "\(directory.path)/pid"]
        case .tinysshd:
            try await Program.run("/usr/sbin/tinysshd-makekey", "-q", keys)
            command = ["/bin/busybox", "nc", "-ll", "-p", "\(port)", "-e", "/usr/sbin/tinysshd", "-v", keys]
        }
        program = try Program(account.wrap(command), output: "\(directory.path)/log")
        try await FreePort.waitForGreeting(port)
    }

    deinit { program.stop() }

    var log: String { directory.read("log") }

    func target() async throws -> SSHTarget {
        var target = SSHTarget(host: "127.0.0.1", port: port, user: "tester")
        target.knownHostsFiles = ["\(directory.path)/known_hosts"]
        target.globalKnownHostsFiles = []
        target.hostKeyPolicy = .acceptNew
        target.agentSocket = nil
        target.identities = [Identity(path: try await TestKey.ed25519.path())]
        target.connectTimeout = .seconds(30)
        return target
    }
}
