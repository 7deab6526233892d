import Foundation
import Testing

extension SharedStack {
    /// What rules and panels read is really exported: the list that `Tests/stack/check` compares them with holds what the
    /// lab's Prometheus has.
    @Suite struct MetricsTests {
        init() throws { try Lab.require() }

        @Test func everyListedMetricIsExportedByItsJob() async throws {
            let deploy = try await Opsctl.run(["deploy", "lab", "--yes"], in: Lab.checkout, timeout: .seconds(240))
            #expect(deploy.status == 0, "\(deploy)")
            let listed = try Self.listed()
            #expect(listed.count > 10 && listed["application"]?.count ?? 0 > 20)
            var missing: [String] = []
            _ = try await eventually(within: .seconds(60)) {
                missing = []
                for (exporter, metrics) in listed {
                    let exported = try await Self.exported(by: exporter)
                    missing += metrics.filter { !exported.contains($0) }.map { "\(exporter): \($0)" }
                }
                return missing.isEmpty
            }
            #expect(missing.isEmpty, "not exported: \(missing.sorted().joined(separator: ", "))")
        }

        /// Of all profiles, not only of the one that is deployed.
        @Test func everyExpressionIsTakenAndFindsWhatItNames() async throws {
            try await DeployedStack.once()
            let tunnel = try RunningOpsctl(["tunnel", "mon1:prometheus", "lab"], in: Lab.checkout)
            defer { tunnel.interrupt() }
            #expect(try await eventually(within: .seconds(30)) { tunnel.stdout.contains("http://127.0.0.1:") })
            let url = try #require(tunnel.stdout.firstMatch(of: #/http://127\.0\.0\.1:\d+/#)).output
            var said = ""
            let isWell = try await eventually(within: .seconds(90)) {
                said = try await Lab.tool(
                    "sh", ["-c", "\"$0\" \"$1\" || echo failed", Lab.checkout + "/Tests/stack/evaluate", String(url)],
                    timeout: .seconds(120))
                return said.contains(" expressions\n") && !said.contains("failed")
            }
            #expect(isWell, "\(said)")
        }

        /// Metrics by exporter, of those parts of the list that were seen in the lab.
        private static func listed() throws -> [String: [String]] {
            let text = try String(contentsOfFile: Lab.checkout + "/Tests/stack/metrics.yml", encoding: .utf8)
            var metrics: [String: [String]] = [:]
            var exporter = ""
            for line in text.split(separator: "\n") {
                // From here on: what shows only while something is wrong, or elsewhere.
                if line.hasPrefix("# made by Prometheus itself") { break }
                if line.hasPrefix("  - ") {
                    metrics[exporter, default: []].append(String(line.dropFirst(4)))
                } else if line.hasSuffix(":") {
                    exporter = String(line.dropLast())
                }
            }
            return metrics
        }

        /// The names that Prometheus has of a job; an application may run as any job with a role, probes are a job apart.
        private static func exported(by exporter: String) async throws -> Set<String> {
            let selector =
                switch exporter {
                case "application": #"{role=~".+"}"#
                case "blackbox-exporter": #"{job=~"blackbox.*"}"#
                default: #"{job="\#(exporter)"}"#
                }
            struct Names: Decodable { var data: [String] }
            let url = "http://127.0.0.1:9090/api/v1/label/__name__/values"
            let text = try await Lab.shell("mon1", "curl -sfG '\(url)' --data-urlencode 'match[]=\(selector)'")
            return Set(try JSONDecoder().decode(Names.self, from: Data(text.utf8)).data)
        }
    }
}
