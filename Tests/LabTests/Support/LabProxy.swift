import Foundation

/// `lab/proxy` between opsctl and app1's sshd, for cables that are slow or cut.
final class LabProxy {
    private let process = Process()
    private(set) var port = 0

    static func start(_ arguments: [String]) async throws -> LabProxy {
        let proxy = LabProxy()
        let output = NSTemporaryDirectory() + "opsctl-lab-proxy-\(UUID().uuidString)"
        _ = FileManager.default.createFile(atPath: output, contents: nil)
        defer { try? FileManager.default.removeItem(atPath: output) }
        proxy.process.executableURL = URL(fileURLWithPath: Lab.checkout + "/lab/proxy")
        proxy.process.arguments = arguments
        proxy.process.standardInput = FileHandle.nullDevice
        proxy.process.standardOutput = FileHandle(forWritingAtPath: output)
        // Not the tests' own: whoever waits for that to be closed would wait for the proxy.
        proxy.process.standardError = FileHandle.nullDevice
        try proxy.process.run()
        let started = try await eventually {
            let line = try String(contentsOfFile: output, encoding: .utf8)
            proxy.port = line.split(separator: ":").last.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) } ?? 0
            return proxy.port != 0
        }
        guard started else { throw Lab.Missing(description: "lab/proxy did not start") }
        return proxy
    }

    /// app1 by way of this proxy, known by the key of its own address.
    var inventory: String {
        LabProject.inventory(
            [("app1", "ansible_host: 127.0.0.1, ansible_port: \(port)")], options: "-o HostKeyAlias=\(Lab.app1) ")
    }

    func stop() { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    deinit { stop() }
}
