import Foundation
import Testing

extension SharedStack {
    /// The targets that an application's own Makefile includes.
    @Suite(.serialized) struct MakefileTests {
        init() throws { try Lab.require() }

        @Test func everyTargetDoesWhatItSays() async throws {
            let up = try await make("monitoring", within: .seconds(240)) { _ in false }
            #expect(up.contains("checks passed") && up.contains("opsctl tunnel grafana lab"), "\(up)")

            let logs = try await make("monitoring-logs", within: .seconds(60)) { $0.contains("\"level\"") || $0.contains("level=") }
            #expect(logs.contains("level"), "\(logs)")

            let grafana = try await make("grafana", within: .seconds(60)) { $0.contains("http://127.0.0.1:") }
            #expect(grafana.contains("http://127.0.0.1:"), "\(grafana)")

            _ = try await make("monitoring-down", within: .seconds(120)) { _ in false }
            let project = "label=com.docker.compose.project.working_dir=/opt/monitoring"
            #expect(try await Lab.shell("mon1", "docker ps -aq --filter \(project)") == "")
            #expect(try await Lab.shell("mon1", "docker volume ls -q").contains("prometheus-data"))
            let again = try await Opsctl.run(["deploy", "lab", "--yes"], in: Lab.checkout, timeout: .seconds(240))
            #expect(again.status == 0, "\(again)")
        }

        /// Runs a target to its end, or until its output is enough: what goes on for ever is ended as ctrl-C ends it.
        private func make(_ target: String, within timeout: Duration, until isEnough: (String) -> Bool) async throws -> String {
            let output = NSTemporaryDirectory() + "opsctl-make-\(UUID().uuidString)"
            _ = FileManager.default.createFile(atPath: output, contents: nil)
            defer { try? FileManager.default.removeItem(atPath: output) }
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            // Foundation makes it the leader of a group, so that make and what it started can be interrupted together.
            process.arguments = [
                "sh", "-c", "trap : INT; make -f \(Lab.checkout)/playbooks/Makefile.inc \(target) "
                    + "MONITORING_ENV=lab OPSCTL=\(Opsctl.binary) >\(output) 2>&1",
            ]
            process.environment = ["HOME": NSTemporaryDirectory(), "PATH": "/usr/local/bin:/usr/bin:/bin", "OPSCTL_LAB_DIR": Lab.state]
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            _ = try await eventually(within: timeout) {
                try !process.isRunning || isEnough(String(contentsOfFile: output, encoding: .utf8))
            }
            if process.isRunning { kill(-process.processIdentifier, SIGINT) }
            do { try await process.end(within: .seconds(20)) } catch {
                kill(-process.processIdentifier, SIGKILL)
                throw error
            }
            return try String(contentsOfFile: output, encoding: .utf8)
        }
    }
}
