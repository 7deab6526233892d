import Foundation
import OpsCore
import OpsTransport
import Testing

@testable import OpsMonitoring

/// The real Prometheus: on PATH, or from the images that `lab/up` makes.
@Suite struct RealPrometheusTests {
    @Test func prometheusIsVerified() async throws {
        try await withDirectory { directory in
            let (port, closedPort) = (try freePort(), try freePort())
            let configuration = directory.appending(path: "prometheus.yml")
            try Self.prometheusConfiguration(port: port, closedPort: closedPort).write(
                to: configuration, atomically: true, encoding: .utf8)
            try Self.rules.write(to: directory.appending(path: "rules.yml"), atomically: true, encoding: .utf8)
            let process = try start(
                "prometheus", "--config.file=\(configuration.path)", "--storage.tsdb.path=\(directory.path)/data",
                "--web.listen-address=127.0.0.1:\(port)", "--web.enable-lifecycle", "--storage.tsdb.retention.time=7d",
                "--storage.tsdb.retention.size=1GB")
            defer { process.terminate() }
            let http = HTTPClient.local()
            let url = try HTTPURL("http://127.0.0.1:\(port)")
            let health = HealthCheck(service: "prometheus", url: url.appending("/-/ready"), body: "Ready")
            let poll = Poll(timeout: .seconds(60), interval: .milliseconds(200))
            #expect(try await poll.checks { [try await health.run(with: http)] }[0].status == .pass)

            let prometheus = PrometheusClient(http: http, url: url)
            let own = TargetsCheck.Target(job: "prometheus", instance: "127.0.0.1:\(port)")
            let gone = TargetsCheck.Target(job: "gone", instance: "127.0.0.1:\(closedPort)")
            let targets = TargetsCheck(expected: [own, gone], expectedDown: [gone])
            let up = QueryCheck(name: "up", expression: "count(up == 1)", expectation: .all(.equal, 1))
            let checks = try await poll.checks {
                try await Check.concurrently([
                    { try await targets.run(with: prometheus) },
                    { try await ConfigurationCheck(marker: "opsctl_config: abc123").run(with: prometheus) },
                    { try await RulesCheck(groups: ["self"]).run(with: prometheus) },
                    { try await AlertmanagersCheck(expected: ["127.0.0.1:9"]).run(with: prometheus) },
                    { try await RetentionCheck(time: "7d", size: "1GB").run(with: prometheus) },
                    { try await up.run(with: prometheus) },
                ])
            }
            #expect(checks.filter { $0.status != .pass }.map(\.resource) == ["target \(gone)"])

            let strict = try await TargetsCheck(expected: [own, gone]).run(with: prometheus)
            let down = try #require(strict.first { $0.resource == "target \(gone)" })
            #expect(down.status == .fail)
            #expect(down.details.joined().contains("connection refused"))

            try "scrape_configs: [{job_name: 5, nonsense: true}]".write(
                to: configuration, atomically: true, encoding: .utf8)
            let refused = await #expect(throws: APIError.self) { try await prometheus.reload() }
            #expect(refused?.brief.contains("nonsense") == true)
            let loaded = try await ConfigurationCheck(marker: "opsctl_config: abc123").run(with: prometheus)
            #expect(loaded.map(\.status) == [.fail, .pass, .pass])
            await http.close()
        }
    }

    private static func prometheusConfiguration(port: Int, closedPort: Int) -> String {
        """
        global: {scrape_interval: 1s, evaluation_interval: 1s, external_labels: {opsctl_config: abc123}}
        rule_files: [rules.yml]
        alerting: {alertmanagers: [{static_configs: [{targets: ['127.0.0.1:9']}]}]}
        scrape_configs:
          - {job_name: prometheus, static_configs: [{targets: ['127.0.0.1:\(port)']}]}
          - {job_name: gone, static_configs: [{targets: ['127.0.0.1:\(closedPort)']}]}
        """
    }

    private static let rules = """
        groups:
          - name: self
            rules: [{record: 'job:up:sum', expr: 'sum by (job) (up)'}, {alert: Watchdog, expr: 'vector(1)'}]
        """

    private func withDirectory(_ body: (URL) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "opsctl-real-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try await body(directory)
    }

    private func start(_ name: String, _ arguments: String...) throws -> Process {
        let path = try #require(Self.tool(name), "\(name) is neither on PATH nor in the lab's cache; run lab/up once")
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    private static func tool(_ name: String) -> String? {
        let environment = ProcessInfo.processInfo.environment
        let cache = environment["OPSCTL_LAB_CACHE"] ?? "/var/cache/opsctl-lab"
        let images = (try? FileManager.default.contentsOfDirectory(atPath: cache)) ?? []
        let places =
            (environment["PATH"] ?? "").split(separator: ":").map(String.init)
            + images.filter { $0.hasPrefix("imageroot-") }.flatMap {
                ["\(cache)/\($0)/root/usr/bin", "\(cache)/\($0)/usr/bin"]
            }
        return places.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// A port that nobody listens at.
    private func freePort() throws -> Int {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        try #require(bound)
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
