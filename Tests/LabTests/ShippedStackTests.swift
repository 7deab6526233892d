import Foundation
import Testing

extension SharedStack {
    /// The shipped stack on mon1: what `make demo` does, twice, and what breaks it.
    @Suite(.serialized) struct ShippedStackTests {
        init() throws { try Lab.require() }

        private func opsctl(_ arguments: String..., timeout: Duration = .seconds(240)) async throws -> Opsctl.Result {
            try await Opsctl.run(arguments, in: Lab.checkout, timeout: timeout)
        }

        @Test func deploysAndThenChangesNothing() async throws {
            let first = try await opsctl("deploy", "lab", "--yes")
            #expect(first.status == 0, "\(first)")
            let second = try await opsctl("deploy", "lab", "--yes")
            #expect(second.status == 0, "\(second)")
            #expect(second.stdout.contains("changed=0"), "\(second)")
            let plan = try await opsctl("plan", "lab")
            #expect(plan.status == 0, "\(plan)")
        }

        @Test func verifiesGreen_andRedOnceAServiceIsStopped() async throws {
            #expect(try await opsctl("deploy", "lab", "--yes").status == 0)
            let green = try await Opsctl.run(["verify", "lab"] + Lab.whileTestsRun, in: Lab.checkout, timeout: .seconds(240))
            #expect(green.status == 0, "\(green)")
            #expect(green.stdout.contains("checks passed"), "\(green)")
            try await Lab.shell("mon1", "docker stop $(docker ps -q --filter label=com.docker.compose.service=blackbox-exporter)")
            let red = try await opsctl("verify", "lab", "--only", "health")
            #expect(red.status == 2, "\(red)")
            #expect(red.stdout.contains("blackbox-exporter") && red.stdout.contains("exited with"), "\(red)")
            let repaired = try await opsctl("deploy", "lab", "--yes")
            #expect(repaired.status == 0, "\(repaired)")
            #expect(repaired.all.contains("service blackbox-exporter"), "\(repaired)")
        }

        @Test func whatPlanShowsIsWhatDeployDoes() async throws {
            #expect(try await opsctl("deploy", "lab", "--yes").status == 0)
            let file = "/opt/monitoring/config/blackbox/blackbox.yml"
            try await Lab.shell("mon1", "echo '# by hand' >> \(file)")
            let plan = try await opsctl("plan", "lab")
            #expect(plan.status == 3, "\(plan)")
            #expect(plan.stdout.contains(file) && plan.stdout.contains("-# by hand"), "\(plan)")
            let deploy = try await opsctl("deploy", "lab", "--yes")
            #expect(deploy.status == 0 && deploy.all.contains(file), "\(deploy)")
            #expect(try await opsctl("plan", "lab").status == 0)
        }

        @Test func tunnelsSurviveADroppedConnection() async throws {
            #expect(try await opsctl("deploy", "lab", "--yes").status == 0)
            let tunnel = try RunningOpsctl(["tunnel", "mon1:prometheus", "mon1:grafana", "lab"], in: Lab.checkout)
            let ports = try await Self.ports(of: tunnel, count: 2)
            #expect(try await Self.get("http://127.0.0.1:\(ports[0])/-/ready").contains("Ready"))
            #expect(try await Self.get("http://127.0.0.1:\(ports[1])/api/health").contains("ok"))
            // The server's half of every session of the tunnel's user.
            try await Lab.shell("mon1", "pkill -f 'sshd.*[:] deploy' || true")
            #expect(try await Self.get("http://127.0.0.1:\(ports[0])/-/ready").contains("Ready"))
            tunnel.interrupt()
            _ = try await tunnel.end(within: .seconds(10))
        }

        @Test func aTakenPortIsReplacedByAFreeOne() async throws {
            let first = try RunningOpsctl(["tunnel", "mon1:prometheus", "lab"], in: Lab.checkout)
            let taken = try await Self.ports(of: first, count: 1)
            let second = try RunningOpsctl(["tunnel", "mon1:prometheus", "lab"], in: Lab.checkout)
            let other = try await Self.ports(of: second, count: 1)
            #expect(taken != other)
            #expect(try await Self.get("http://127.0.0.1:\(other[0])/-/ready").contains("Ready"))
            for tunnel in [first, second] {
                tunnel.interrupt()
                _ = try await tunnel.end(within: .seconds(10))
            }
        }

        /// The local ports in the order of the services, as soon as all are told.
        private static func ports(of tunnel: RunningOpsctl, count: Int) async throws -> [Int] {
            let deadline = ContinuousClock.now + .seconds(60)
            while ContinuousClock.now < deadline, tunnel.isRunning {
                let found = tunnel.stdout.matches(of: /http:\/\/127\.0\.0\.1:([0-9]+)/).compactMap { Int($0.1) }
                if found.count >= count { return found }
                try await Task.sleep(for: .milliseconds(50))
            }
            throw Lab.Missing(description: "the tunnel did not open: \(tunnel.stdout)\(tunnel.stderr)")
        }

        /// Asks until there is an answer: a reconnection takes a moment.
        private static func get(_ url: String) async throws -> String {
            try await Lab.tool("/usr/bin/curl", ["-s", "-m", "20", "--retry", "5", "--retry-all-errors", url])
        }
    }
}
