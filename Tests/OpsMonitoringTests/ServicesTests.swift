import Foundation
import OpsCore
import Testing

@testable import OpsMonitoring

/// Alertmanager, Loki and Grafana as their documentation has them; the real ones are asked in the lab.
@Suite struct ServicesTests {
    private func withServer<T: Sendable>(
        _ handle: @escaping @Sendable (TestServer.Request) -> TestServer.Reply,
        _ body: (HTTPClient, HTTPURL) async throws -> T
    ) async throws -> T {
        let server = try await TestServer(handle)
        let http = HTTPClient.local()
        let value = try await body(http, server.base)
        await http.close()
        await server.close()
        return value
    }

    private static func notFound(_ request: TestServer.Request) -> TestServer.Reply { .answer(404, request.target) }

    @Test func alertsGoInAndAreRouted() async throws {
        let posted = Box()
        try await withServer({ request in
            switch (request.method, request.path) {
            case ("POST", "/api/v2/alerts"):
                posted.set(String(decoding: request.body, as: UTF8.self))
                return .answer(200, "")
            case ("GET", "/api/v2/alerts"):
                guard request.target == "/api/v2/alerts?filter=run_id%3D%22r%5C%221%22" else {
                    return Self.notFound(request)
                }
                return .answer(
                    200,
                    #"[{"labels":{"a":"b"},"receivers":[{"name":"email"}],"status":{"state":"active","silencedBy":[]},"startsAt":"x"}]"#
                )
            case ("GET", "/api/v2/receivers"): return .answer(200, #"[{"name":"email"},{"name":"null"}]"#)
            case ("GET", "/metrics"):
                return .answer(
                    200,
                    """
                    # HELP alertmanager_notification_requests_total n
                    alertmanager_notification_requests_total{integration="email",receiver_name="a"} 3
                    alertmanager_notification_requests_failed_total{integration="email",receiver_name="a"} 1
                    alertmanager_notification_requests_total{integration="webhook",receiver_name="a"} 1e+00
                    alertmanager_notification_requests_total{integration="webhook",receiver_name="b \\"c\\""} 9
                    """)
            default: return Self.notFound(request)
            }
        }) { http, url in
            let client = AlertmanagerClient(http: http, url: url)
            let alert = TestAlert(run: "r\"1", labels: ["opsctl_receiver": "email"])
            try await alert.fire(at: client, now: Date(timeIntervalSince1970: 1_700_000_000))
            #expect(posted.value.contains(#""endsAt":"2023-11-14T22:18:20Z""#))
            #expect(posted.value.contains(#""opsctl_receiver":"email""#))
            #expect(try await alert.isRouted(to: ["email"], by: client)[0].status == .pass)
            #expect(try await alert.isRouted(to: ["sms"], by: client)[0].actual == "active for email")
            #expect(try await ReceiversCheck(expected: ["email", "null"]).run(with: client)[0].status == .pass)
            #expect(try await ReceiversCheck(expected: ["email"]).run(with: client)[0].status == .fail)
            let deliveries = try await client.deliveries()
            #expect(deliveries["b \"c\""] == ["webhook": .init(sent: 9, failed: 0)])
            let before = Deliveries(["a": ["email": .init(sent: 2, failed: 0), "webhook": .init(sent: 0, failed: 0)]])
            let both = try await DeliveryCheck(receiver: "a", what: "alert", since: before).run(with: client)
            #expect(both.map { "\($0.property): \($0.actual) \($0.status)" } == ["alert by email: 1 failed fail", "alert by webhook: sent pass"])
            #expect(try await AlertPresentCheck().run(with: client)[0].status == .fail)
        }
    }

    @Test func aDeliveryIsOneOfItsReceiver() {
        let before = Deliveries(["deadman": ["webhook": .init(sent: 5, failed: 0)], "selftest": ["webhook": .init(sent: 1, failed: 0)]])
        func actual(_ now: [String: [String: Deliveries.Count]], integration: String? = nil) -> String {
            let check = DeliveryCheck(receiver: "selftest", what: "alert", integration: integration, since: before)
            return check.judge(Deliveries(now)).map { "\($0.actual) \($0.status)" }.joined(separator: ", ")
        }
        let other: [String: Deliveries.Count] = ["webhook": .init(sent: 6, failed: 0)]
        // Another receiver got something by the same integration.
        #expect(actual(["deadman": other, "selftest": ["webhook": .init(sent: 1, failed: 0)]]) == "none yet fail")
        #expect(actual(["selftest": ["webhook": .init(sent: 2, failed: 0)]]) == "sent pass")
        // It is tried again and again; no notification has failed for good.
        #expect(actual(["selftest": ["webhook": .init(sent: 3, failed: 2)]]) == "2 failed fail")
        #expect(actual(["selftest": ["webhook": .init(sent: 2, failed: 0)]], integration: "email") == "it has no email fail")
        #expect(actual(["deadman": other]) == "it tells nobody fail")
        #expect(actual([:]).hasSuffix("--enable-feature=receiver-name-in-metrics is missing unknown"))
    }

    @Test func whatAReceiverGotIsReadFromItsJSON() {
        let payload = #"{"version":"4","status":"firing","alerts":[{"status":"resolved","labels":{"run_id":"r1"}},{"status":"firing","labels":{"run_id":"r2"}}]}"#
        for text in ["[\(payload)]", #"{"received":[{"path":"/selftest","body":\#(payload)}]}"#] {
            let received = ReceivedAlerts(body: Array(text.utf8))
            #expect(received.contains(run: "r1", status: "resolved") && received.contains(run: "r2", status: "firing"))
            #expect(!received.contains(run: "r1", status: "firing") && !received.contains(run: "r3", status: "firing"))
        }
        // A sink that keeps bodies as text; another version; no JSON at all; deeper than anybody writes it.
        let quoted = payload.replacing("\"", with: "\\\"")
        #expect(ReceivedAlerts(body: Array("[\"\(quoted)\"]".utf8)).contains(run: "r2", status: "firing"))
        #expect(!ReceivedAlerts(body: Array(payload.replacing("\"4\"", with: "\"3\"").utf8)).contains(run: "r2", status: "firing"))
        #expect(!ReceivedAlerts(body: Array("run r2 firing".utf8)).contains(run: "r2", status: "firing"))
        let deep = String(repeating: "[", count: 100) + payload + String(repeating: "]", count: 100)
        #expect(!ReceivedAlerts(body: Array(deep.utf8)).contains(run: "r2", status: "firing"))
    }

    @Test func aPushedLineComesBack() async throws {
        let pushed = Box()
        try await withServer({ request in
            switch request.path {
            case "/loki/api/v1/push":
                pushed.set(String(decoding: request.body, as: UTF8.self))
                return .answer(204, "")
            case "/loki/api/v1/query_range":
                return .answer(
                    200,
                    #"{"status":"success","data":{"resultType":"streams","result":[{"stream":{"run":"7"},"values":[["1700000000000000000","ping 7"]]}],"stats":{}}}"#
                )
            case "/loki/api/v1/query":
                return .answer(
                    200,
                    #"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1700000000.1,"20"]},{"metric":{},"value":[1700000000.1,"5"]}]}}"#
                )
            case "/metrics":
                return .answer(
                    200,
                    """
                    process_start_time_seconds 1.6999e+09
                    loki_compactor_apply_retention_last_successful_run_timestamp_seconds 1.69999e+09
                    """)
            case "/config":
                return .answer(200, "limits_config:\n  retention_period: 1w\ncompactor:\n    retention_enabled: true\n")
            default: return Self.notFound(request)
            }
        }) { http, url in
            let client = LokiClient(http: http, url: url)
            let ping = LokiPingCheck(run: "7", time: Date(timeIntervalSince1970: 1_700_000_000))
            #expect(try await ping.push(to: client)[0].status == .pass)
            #expect(pushed.value.contains(#"["1700000000000000000","ping 7"]"#))
            #expect(try await ping.find(in: client)[0].status == .pass)
            #expect(try await LokiPingCheck(run: "8").find(in: client)[0].status == .fail)
            #expect(
                try await LokiCountCheck(name: "n", query: "q", expected: 25...25).run(with: client)[0].status == .pass)
            let few = try await LokiCountCheck(name: "n", query: "q", expected: 26...30).run(with: client)[0]
            #expect(few.status == .fail)
            #expect(few.expected == "26 to 30")
            func retention(_ period: String, at seconds: Double) async throws -> [Check] {
                let now = Date(timeIntervalSince1970: seconds)
                return try await LokiRetentionCheck(period: period, now: now).run(with: client)
            }
            // The server answers every query for lines with one of November 2023.
            let good = try await retention("7d", at: 1_699_999_000)
            #expect(good.map(\.status) == [.pass, .pass, .fail])
            #expect(good[1].actual == "2 h 30 min ago")
            let bad = try await retention("8d", at: 1_700_950_400)
            #expect(bad.map(\.status) == [.fail, .fail, .fail])
            #expect(bad[2].actual == "one of 11 d 0 h ago")
        }
    }

    @Test func grafanaLetsOnlyTheAdministratorIn() async throws {
        let attempts = Counter()
        func run(configured: Bool = true, installed: Bool, tries: Bool = true) async throws -> [Check] {
            try await withServer({ request in
                switch request.path {
                case "/api/health": return .answer(200, #"{"database":"ok","version":"12.4.0"}"#)
                case "/api/org":
                    let login = request.header("authorization")
                    if login == "Basic YWRtaW46YWRtaW4=" {
                        attempts.add()
                        return .answer(installed ? 200 : 401, "{}")
                    }
                    return .answer(configured && login == "Basic YWRtaW46Z2VoZWlt" ? 200 : 401, "{}")
                default: return Self.notFound(request)
                }
            }) { http, url in
                let admin = HTTPCredentials(user: "admin", password: Secret("geheim"))
                return try await GrafanaLoginCheck(admin: admin, triesInstalledLogin: tries).run(
                    with: GrafanaClient(http: http, url: url, credentials: admin))
            }
        }
        #expect(try await run(installed: false).map(\.status) == [.pass, .pass, .pass, .pass])
        #expect(attempts.value == 1)
        #expect(try await run(installed: true, tries: false).map(\.status) == [.pass, .pass, .pass, .skip])
        #expect(attempts.value == 1)
        let open = try await run(installed: true)
        #expect(open.last?.status == .fail)
        #expect(open.last?.actual == "200")
        #expect(try await run(configured: false, installed: true).map(\.status) == [.pass, .fail, .pass, .fail])
    }

    @Test func whatCouldNotBeAskedIsUnknownAndNotLeftOut() async throws {
        let checks = try await withServer(Self.notFound) { http, url in
            let admin = HTTPCredentials(user: "admin", password: Secret("geheim"))
            let grafana = GrafanaClient(http: http, url: url, credentials: admin)
            return try await GrafanaLoginCheck(admin: admin).run(with: grafana)
                + DatasourcesCheck(expected: ["loki"]).run(with: grafana)
                + DashboardsCheck(expected: ["node"]).run(with: grafana)
        }
        #expect(
            checks.map { "\($0.resource) \($0.property) \($0.status)" } == [
                "grafana database fail", "grafana login as configured unknown", "grafana anonymous access unknown",
                "grafana login as installed unknown", "grafana data sources fail", "data source loki health unknown",
                "grafana dashboards fail", "grafana dashboards from files unknown", "dashboard node panels unknown",
            ])
    }

    @Test func dashboardsAndTheirPanelsAreTried() async throws {
        let dashboard = #"""
            {"meta":{"provisioned":true},"dashboard":{"uid":"node","title":"Node","templating":{"list":[
            {"name":"ds","type":"datasource","current":{"text":"x"}},{"name":"job","type":"query","allValue":".+","query":{"query":"x"}},
            {"name":"search","type":"textbox","query":""}]},"panels":[
            {"type":"row","title":"r","panels":[{"type":"stat","title":"Up","targets":[{"expr":"up{job=~\"$job\"}","datasource":{"type":"prometheus","uid":"prometheus"}}]}]},
            {"type":"timeseries","title":"CPU","targets":[{"expr":"rate(x[$__rate_interval])","datasource":"prometheus"}]},
            {"type":"logs","title":"Logs","targets":[{"expr":"{job=~\"$job\"} |~ \"$search\"","datasource":{"type":"loki"}}]},
            {"type":"timeseries","title":"Lines","targets":[{"expr":"sum(count_over_time({a=\"b\"} [$__auto]))","datasource":{"type":"loki"}}]},
            {"type":"logs","title":"Quiet","targets":[{"expr":"{a=\"c\"}","datasource":{"type":"loki"}}]},
            {"type":"stat","title":"Broken","targets":[{"expr":"sum(","datasource":null}]},{"type":"text","title":"Text"}]}}
            """#
        let checks = try await withServer({ request in
            switch request.path {
            case "/api/search": return .answer(200, #"[{"uid":"node","title":"Node"},{"uid":"other","title":"x"}]"#)
            case "/api/dashboards/uid/node": return .answer(200, dashboard)
            case "/api/datasources":
                return .answer(
                    200,
                    #"[{"uid":"prometheus","name":"P","type":"prometheus"},{"uid":"loki","name":"L","type":"loki"}]"#)
            case "/api/datasources/uid/prometheus/health": return .answer(200, #"{"status":"OK","message":"fine"}"#)
            case "/api/datasources/uid/loki/health": return .answer(400, #"{"status":"ERROR","message":"no route"}"#)
            case "/api/v1/query":
                switch request.target {
                case "/api/v1/query?query=up%7Bjob%3D~%22.%2B%22%7D":
                    return .answer(
                        200,
                        #"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"1"]}]}}"#
                    )
                case "/api/v1/query?query=rate%28x%5B5m%5D%29":
                    return .answer(200, #"{"status":"success","data":{"resultType":"vector","result":[]}}"#)
                default: return .answer(400, #"{"status":"error","errorType":"bad_data","error":"parse error"}"#)
                }
            case "/loki/api/v1/query_range":
                let query = request.target.split(separator: "&").first.map(String.init) ?? ""
                if query.hasSuffix("query=%7Bjob%3D~%22.%2B%22%7D%20%7C~%20%22%22") {
                    return .answer(200, #"{"data":{"resultType":"streams","result":[{"stream":{},"values":[["1","a"]]}]}}"#)
                }
                if query.contains("count_over_time") {
                    return .answer(200, #"{"data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,"2"]]}]}}"#)
                }
                return .answer(200, #"{"data":{"resultType":"streams","result":[]}}"#)
            default: return Self.notFound(request)
            }
        }) { http, url in
            let grafana = GrafanaClient(http: http, url: url, credentials: nil)
            let prometheus = PrometheusClient(http: http, url: url)
            let dashboards = DashboardsCheck(expected: ["node", "gone"], optionalPanels: ["node/Quiet"])
            return try await DatasourcesCheck(expected: ["prometheus", "loki"]).run(with: grafana)
                + dashboards.run(with: grafana, prometheus: prometheus, loki: LokiClient(http: http, url: url))
        }
        #expect(
            checks.map { "\($0.resource) \($0.property): \($0.actual) \($0.status)" } == [
                "grafana data sources: loki, prometheus pass", "data source loki health: ERROR fail",
                "data source prometheus health: OK pass", "grafana dashboards: 1 present fail",
                "grafana dashboards from files: 1 pass", "dashboard gone panels: the dashboard is missing unknown",
                "dashboard node panels: 3 with data fail",
            ])
        #expect(checks[6].expected == "5 of 6 with data")
        #expect(checks[6].details == ["Broken: 400: parse error", "CPU: no data", "Quiet: no data (optional)"])
        #expect(checks[1].details == ["no route"])
    }
}

/// A text that a server's thread leaves for the test.
final class Box: @unchecked Sendable {
    private let lock = NSLock()
    private var text = ""

    func set(_ text: String) { lock.withLock { self.text = text } }
    var value: String { lock.withLock { text } }
}
