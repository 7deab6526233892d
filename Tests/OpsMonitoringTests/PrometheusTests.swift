import Foundation
import OpsCore
import Testing

@testable import OpsMonitoring

@Suite struct PrometheusTests {
    /// Answers with one JSON text for each path.
    private func withPrometheus<T: Sendable>(
        _ answers: [String: String], _ body: (PrometheusClient) async throws -> T
    ) async throws -> T {
        let server = try await TestServer { request in
            answers[request.path].map { .answer(200, $0) } ?? .answer(404, "404 page not found")
        }
        let http = HTTPClient.local()
        let value = try await body(PrometheusClient(http: http, url: server.base))
        await http.close()
        await server.close()
        return value
    }

    /// Answers about targets of a Prometheus whose configuration is so many seconds old.
    private static func targets(_ list: [String], age: Int = 3600) -> [String: String] {
        [
            "/api/v1/targets": #"{"status":"success","data":{"activeTargets":[\#(list.joined(separator: ","))]}}"#,
            "/api/v1/status/runtimeinfo":
                #"{"status":"success","data":{"reloadConfigSuccess":true,"lastConfigTime":"2026-11-21T08:00:00Z"}}"#,
            "/api/v1/query":
                #"{"status":"success","data":{"resultType":"scalar","result":[\#(1795248000 + age),"\#(1795248000 + age)"]}}"#,
        ]
    }

    private static func target(_ job: String, _ instance: String, _ health: String, error: String = "") -> String {
        #"{"labels":{"job":"\#(job)","instance":"\#(instance)"},"health":"\#(health)","lastError":"\#(error)","scrapeUrl":"http://\#(instance)/metrics"}"#
    }

    private static let page = """
        # HELP http_requests_total Requests.
        # TYPE http_requests_total counter
        http_requests_total{route="/a\\"}b",status="200",} 12 1700000000000
        # TYPE latency_seconds histogram
        latency_seconds_bucket{le="+Inf"} 3
        # TYPE never_happened_total counter
          process_open_fds  +Inf
        {"http.size",unit="By"} NaN
        """

    @Test(arguments: [
        ("text/plain; version=0.0.4", page, "4 metrics, text/plain; version=0.0.4"), ("Text/Plain", page, "4 metrics, Text/Plain"),
        ("application/openmetrics-text; version=1.0.0", page + "\n# EOF\n", "4 metrics, application/openmetrics-text; version=1.0.0"),
        (
            "application/openmetrics-text",
            "# TYPE http_requests counter\nhttp_requests_total 1 # {trace_id=\"a\"} 0.5\nlatency_seconds_count 1\n# TYPE never_happened counter\nhttp.size 1\n# EOF",
            "line 5 is no metric"
        ),
        ("application/openmetrics-text", page, "line 8 is no metric"), ("text/html", page, "Content-Type text/html"),
        ("", page, "Content-Type (nothing)"),
        ("text/plain", "http_requests_total 1\nnever_happened_total{a=b} 1", "line 2 is no metric"),
        ("text/plain", "<html>", "line 1 is no metric"), ("text/plain", "up one", "line 1 is no metric"),
        ("text/plain", "", "without http_requests_total, latency_seconds, never_happened_total, http.size"),
        ("text/plain", "# TYPE latency_seconds histogram\nhttp_requests_total 1\nhttp_size 2\nnever_happened_total 0", "without http.size"),
    ])
    func whatATargetExportsIsJudgedAsPrometheusWould(_ type: String, _ page: String, _ actual: String) async throws {
        let app = try await TestServer { request in
            #expect(request.header("accept")?.contains("openmetrics") == true)
            return .answer(200, page, headers: type.isEmpty ? [] : [("Content-Type", type)])
        }
        let list = [Self.target("app", "127.0.0.1:\(app.port)", "up"), Self.target("app", "b:1", "up")]
        let (check, gone) = try await withPrometheus(Self.targets(list)) { prometheus in
            func run(_ instance: String) async throws -> Check {
                let metrics = ["http_requests_total", "latency_seconds", "never_happened_total", "http.size"]
                let http = HTTPClient.local()
                let contract = MetricsContractCheck(target: .init(job: "app", instance: instance), metrics: metrics)
                return try await contract.run(with: prometheus, http) { .tcp(host: $0.host, port: $0.port) }[0]
            }
            return (try await run("127.0.0.1:\(app.port)"), try await run("nowhere:1"))
        }
        await app.close()
        #expect(check.actual == actual)
        #expect(check.status == (actual.hasPrefix("4 metrics") ? .pass : .fail))
        #expect(gone.status == .unknown && gone.actual == "Prometheus does not scrape it")
    }

    @Test func targetsAreComparedWithTheExpectedSet() async throws {
        let list = [
            Self.target("node", "a:9100", "up"), Self.target("node", "b:9100", "down", error: "connection refused"),
            Self.target("app", "c:80", "unknown"), Self.target("old", "d:1", "up"), Self.target("maybe", "e:1", "down"),
        ]
        let checks = try await withPrometheus(Self.targets(list)) { prometheus in
            try await TargetsCheck(
                expected: [
                    .init(job: "node", instance: "a:9100"), .init(job: "node", instance: "b:9100"),
                    .init(job: "app", instance: "c:80"), .init(job: "gone", instance: "f:1"),
                    .init(job: "maybe", instance: "e:1"),
                ],
                expectedDown: [.init(job: "maybe", instance: "e:1")]
            ).run(with: prometheus)
        }
        #expect(checks[0].status == .fail)
        #expect(checks[0].actual == "5 targets, 1 missing, 1 not expected")
        #expect(checks[0].details == ["missing: gone f:1", "not expected: old d:1"])
        #expect(
            checks.dropFirst().map { "\($0.resource): \($0.actual) \($0.status)" } == [
                "prometheus: 1 pass", "target app c:80: not scraped yet unknown",
                "target maybe e:1: down (expected for now) skip", "target node b:9100: down fail",
            ])
        #expect(checks[4].details == ["last error: connection refused"])
    }

    @Test func targetsJustAfterAReloadMayBeTheOldOnes() async throws {
        let check = TargetsCheck(expected: [.init(job: "node", instance: "a:9100")])
        let list = [Self.target("node", "a:9100", "up")]
        let fresh = try await withPrometheus(Self.targets(list, age: 4)) { try await check.run(with: $0) }
        #expect(fresh.map(\.status) == [.unknown, .pass])
        #expect(fresh[0].actual == "1 targets, but the configuration was read only just now")
        let settled = try await withPrometheus(Self.targets(list, age: 12)) { try await check.run(with: $0) }
        #expect(settled.map(\.status) == [.pass, .pass])
    }

    @Test func aTargetAtAnotherAddressIsNotTheOneThatWasMeant() async throws {
        let target = #"{"labels":{"job":"db","instance":"one"},"discoveredLabels":{"__address__":"10.0.0.1:9187"},"health":"up"}"#
        func run(_ address: String) async throws -> [Check] {
            let name = TargetsCheck.Target(job: "db", instance: "one")
            return try await withPrometheus(Self.targets([target])) {
                try await TargetsCheck(expected: [name], addresses: [name: address]).run(with: $0)
            }
        }
        #expect(try await run("10.0.0.1:9187").map(\.status) == [.pass, .pass])
        let moved = try await run("10.0.0.2:9187")
        #expect(moved.map(\.status) == [.pass, .fail])
        #expect(moved[1].expected == "up at 10.0.0.2:9187" && moved[1].actual == "scraped at 10.0.0.1:9187")
    }

    @Test func anotherAnswerIsAFailedCheck() async throws {
        let check = TargetsCheck(expected: nil)
        let missing = try await withPrometheus([:]) { try await check.run(with: $0) }
        #expect(missing.map(\.actual) == ["404: 404 page not found"])
        let around = Self.targets([])
        let strange = try await withPrometheus(around.merging(["/api/v1/targets": "<html>\u{1B}]0;x"]) { $1 }) {
            try await check.run(with: $0)
        }
        #expect(strange.map(\.actual) == ["not the JSON that was expected: <html> ]0;x"])
        let deep = String(repeating: "[", count: 200_000)
        let nested = try await withPrometheus(around.merging(["/api/v1/targets": deep]) { $1 }) { try await check.run(with: $0) }
        #expect(nested.map(\.status) == [.fail])
    }

    @Test func configurationRetentionAndAlertmanagers() async throws {
        let answers = [
            "/api/v1/status/runtimeinfo":
                #"{"status":"success","data":{"reloadConfigSuccess":true,"lastConfigTime":"2026-11-21T08:00:00.123456Z","corruptionCount":0,"storageRetention":"4w2d or 8GiB"}}"#,
            "/api/v1/query": #"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"2000000"]}]}}"#,
            "/api/v1/status/config":
                #"{"status":"success","data":{"yaml":"external_labels:\n  opsctl_config: abc\n"}}"#,
            "/api/v1/alertmanagers":
                #"{"status":"success","data":{"activeAlertmanagers":[{"url":"http://alertmanager:9093/api/v2/alerts"}],"droppedAlertmanagers":[]}}"#,
        ]
        try await withPrometheus(answers) { prometheus in
            let before = try #require(ISO8601DateFormatter().date(from: "2026-11-21T07:59:59Z"))
            let good = try await ConfigurationCheck(marker: "opsctl_config: abc", changed: before).run(
                with: prometheus)
            #expect(good.map(\.status) == [.pass, .pass, .pass])
            let old = try await ConfigurationCheck(marker: "abd", changed: before.addingTimeInterval(60)).run(
                with: prometheus)
            #expect(old.map(\.status) == [.fail, .pass, .fail])
            #expect(try await RetentionCheck(time: "30d", size: "8GB").run(with: prometheus).map(\.status) == [.pass, .pass])
            let shorter = try await RetentionCheck(time: "15d").run(with: prometheus)
            #expect(shorter.map(\.status) == [.fail, .fail])
            #expect(shorter.map(\.actual) == ["4w2d or 8GiB", "23 d 3 h"])
            #expect(
                try await AlertmanagersCheck(expected: ["alertmanager:9093"]).run(with: prometheus).map(\.status) == [
                    .pass
                ])
            #expect(
                try await AlertmanagersCheck(expected: ["other:9093"]).run(with: prometheus).map(\.status) == [.fail])
        }
    }

    @Test func rulesHaveToBeThereAndHealthy() async throws {
        func answer(_ health: String) -> [String: String] {
            [
                "/api/v1/rules":
                    #"{"status":"success","data":{"groups":[{"name":"node","file":"a.yml","rules":[{"name":"Up","type":"alerting","health":"ok"},{"name":"r","health":"\#(health)","lastError":"many-to-many"}]}]}}"#
            ]
        }
        let good = try await withPrometheus(answer("ok")) { try await RulesCheck(groups: ["node"]).run(with: $0) }
        #expect(good.map(\.status) == [.pass, .pass])
        let bad = try await withPrometheus(answer("err")) {
            try await RulesCheck(groups: ["node", "app"]).run(with: $0)
        }
        #expect(bad.map(\.status) == [.fail, .fail])
        #expect(bad[1].details == ["node / r: many-to-many"])
        let rules = ["node": [ExpectedRule(name: "Up"), ExpectedRule(name: "Down")]]
        let named = try await withPrometheus(answer("ok")) { try await RulesCheck(rules: rules).run(with: $0) }
        #expect(named.map(\.status) == [.pass, .fail, .pass, .pass])
        #expect(named[1].actual == "2, 1 missing, 1 not expected")
        #expect(named[1].details == ["missing: node / Down", "not expected: node / r"])
        let fresh = try await withPrometheus(answer("unknown")) { try await RulesCheck().run(with: $0) }
        #expect(fresh.map(\.status) == [.unknown])
    }

    @Test func rulesHaveToSayWhatWasPushed() async throws {
        let loaded = #"{"name":"Slow","type":"alerting","health":"ok","query":"sum by (job) (a) > 2","duration":300,"labels":{"severity":"warning"}}"#
        let answers = ["/api/v1/rules": #"{"status":"success","data":{"groups":[{"name":"app","rules":[\#(loaded)]}]}}"#]
        func run(_ expression: String, pending: Duration = .seconds(300), labels: [String: String] = ["severity": "warning"]) async throws -> Check {
            let rule = ExpectedRule(name: "Slow", expression: expression, pending: pending, labels: labels)
            // What this Prometheus says of any expression that it is asked to format.
            let all = answers.merging(["/api/v1/format_query": #"{"status":"success","data":"sum by (job) (a) > 3"}"#]) { $1 }
            let checks = try await withPrometheus(all) { try await RulesCheck(rules: ["app": [rule]]).run(with: $0) }
            return try #require(checks.last)
        }
        #expect(try await run("sum by (job)(a)\n  > 2").status == .pass)
        #expect(try await run("sum(a) by (job) > 2.0").status == .pass, "both are formatted alike")
        let longer = try await run("sum by (job) (a) > 2", pending: .seconds(600))
        #expect(longer.status == .fail && longer.details == ["app / Slow: pending for 5 min 0 s, pushed was 10 min 0 s"])
        #expect(try await run("sum by (job) (a) > 2", labels: [:]).details == ["app / Slow: has other labels than were pushed"])
        // No format_query in this one.
        let silent = try await withPrometheus(answers) {
            try await RulesCheck(rules: ["app": [ExpectedRule(name: "Slow", expression: "a > 2")]]).run(with: $0)
        }
        #expect(silent.last?.property == "rule definitions" && silent.last?.status == .fail)
        #expect(RuleDefinitions.squeezed("a{b=\"x y\\\" z\"} > 1") == "a{b=\"x y\\\" z\"}>1")
    }

    @Test func queriesAreCompared() async throws {
        let vector =
            #"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"job":"a"},"value":[1700000000.1,"3"]},{"metric":{"job":"b"},"value":[1700000000.1,"+Inf"]}]}}"#
        let samples = try await withPrometheus(["/api/v1/query": vector]) { try await $0.query("up") }
        #expect(samples == [.init(labels: ["job": "a"], value: 3), .init(labels: ["job": "b"], value: .infinity)])
        func judge(_ text: String, _ samples: [PrometheusSample]) throws -> Check {
            let expectation = try #require(QueryCheck.Expectation(text))
            return QueryCheck(name: "n", expression: "up", expectation: expectation).judge(samples)
        }
        #expect(try judge("> 2", samples).status == .pass)
        let wrong = try judge("<= 3", samples)
        #expect(wrong.status == .fail)
        #expect(wrong.details == ["expression: up", #"{job="b"} inf"#])
        #expect(try judge("any", []).actual == "no series")
        #expect(try judge("any", []).status == .fail)
        #expect(try judge("empty", []).status == .pass)
        #expect(try judge("empty", samples).status == .fail)
        #expect(try judge("25", [.init(labels: [:], value: 25)]).status == .pass)
        #expect(QueryCheck.Expectation("about 3") == nil)
        let limit = try #require(QueryCheck.Expectation("<= 1610612736"))
        let memory = QueryCheck(name: "n", expression: "up", expectation: limit, unit: .bytes)
        let much = memory.judge([.init(labels: [:], value: 1_717_986_918)])
        #expect(much.status == .fail && much.expected == "<= 1.5 GiB" && much.actual == "1.6 GiB")
        #expect(QueryCheck.text(4.96, .percent) == "5 %" && QueryCheck.text(90, .seconds) == "1 min 30 s")
    }

    @Test func aCounterHasToGoUp() async throws {
        func answer(_ value: Int) -> [String: String] {
            [
                "/api/v1/query":
                    #"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"\#(value)"]},{"metric":{"a":"b"},"value":[1,"1"]}]}}"#
            ]
        }
        let counter = CounterCheck(name: "requests counted", expression: "sum(x)", increase: 25)
        let before = try await withPrometheus(answer(99)) { try await counter.value(with: $0) }
        #expect(before == 100)
        let few = try await withPrometheus(answer(123)) { try await counter.run(since: before, with: $0) }
        #expect(few.map(\.actual) == ["24 more"])
        #expect(few.map(\.status) == [.fail])
        let enough = try await withPrometheus(answer(124)) { try await counter.run(since: before, with: $0) }
        #expect(enough.map(\.status) == [.pass])
        let restarted = try await withPrometheus(answer(30)) { try await counter.run(since: before, with: $0) }
        #expect(restarted.map(\.actual) == ["31 more"])
    }

    @Test func checksAreMadeAtOnceAndToldInOrder() async throws {
        let checks = try await withPrometheus([:]) { prometheus in
            try await Check.concurrently([
                { try await RulesCheck().run(with: prometheus) },
                { try await AlertmanagersCheck().run(with: prometheus) },
                { try await TargetsCheck(expected: nil).run(with: prometheus) },
            ])
        }
        #expect(checks.map(\.property) == ["rules", "alertmanagers", "targets"])
        #expect(checks.allSatisfy { $0.status == .fail })
    }
}
