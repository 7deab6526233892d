import OpsCore
import OpsMonitoring
import OpsProject

/// `smoke`: bounded traffic from the host; the answers, their latency, and that Prometheus counted them.
struct SmokeModule: StepModule {
    static let name = "smoke"
    static let isReadOnly = true
    static let parameters =
        StackPlace.parameters + [
            Parameter("url", "address as the host sees it", required: true),
            Parameter("count", "how many requests (default 25, at most 10000)"),
            Parameter("concurrency", "how many at once (default 4, at most 64)"),
            Parameter("rate", "requests per second at most"),
            Parameter("method", "default GET"),
            Parameter("headers", "mapping of header fields; {{n}} in a value is the request's number"),
            Parameter("body", "text to send"),
            Parameter("timeout", "most time for one answer (default 5 s)"),
            Parameter("expect", "{status, p50, p95, p99, max, error_ratio}"),
            Parameter("prometheus", "{service, query, increase_at_least, within}: Prometheus must have counted it"),
        ]

    private let place: StackPlace?
    private let traffic: SmokeTraffic
    private let expectation: SmokeExpectation
    private let resource: String
    private let counter: CounterExpectation?

    init(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws {
        let url = try arguments.requiredURL("url")
        resource = "smoke \(url)"
        let method = try arguments.string("method", default: "GET").uppercased()
        let headers = try (arguments.map("headers") ?? [:]).map { ($0.key.string ?? "", $0.value.string ?? $0.value.int.map(String.init) ?? "") }
        let body = Array(try arguments.string("body", default: "").utf8)
        let timeout = try arguments.duration("timeout", default: .seconds(5))
        traffic = SmokeTraffic(
            count: min(10_000, try arguments.int("count", default: 25)), concurrency: min(64, try arguments.int("concurrency", default: 4)),
            rate: try arguments.string("rate").flatMap(Double.init)
        ) { number in
            let fields = headers.map { HTTPHeader($0.0, $0.1.replacing("{{n}}", with: String(number))) }
            return HTTPRequest(url, method: method, headers: fields, body: body, timeout: timeout)
        }
        expectation = try Self.expectation(arguments)
        counter = try CounterExpectation(arguments)
        place = counter == nil ? nil : try StackPlace(arguments, environment)
        if counter != nil, place == nil {
            throw Diagnostic(code: "missing-argument", "'smoke' needs 'project_dir' to find Prometheus", at: arguments.location)
        }
    }

    private static func expectation(_ arguments: ArgumentReader) throws -> SmokeExpectation {
        guard let map = try arguments.map("expect") else { return SmokeExpectation() }
        var expectation = SmokeExpectation()
        for (key, value) in map {
            let text = value.string ?? value.int.map(String.init) ?? "\(value)"
            switch key.string ?? "" {
            case "status":
                guard let status = Int(text) else { throw arguments.complaint("expect", code: "wrong-type", "'status' must be a number") }
                expectation.statuses = status...status
            case "error_ratio", "errors":
                if case .double(let share) = value { expectation.errorShare = share } else { expectation.errorShare = Double(text) ?? 0 }
            case let name:
                guard let share = ["p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "max": 1][name] else {
                    throw arguments.complaint(
                        "expect", code: "unknown-key", "unknown expectation '\(name)'",
                        hints: ["there are: status, error_ratio, p50, p90, p95, p99, max"])
                }
                guard let limit = Duration(parsing: text) else {
                    throw arguments.complaint("expect", code: "not-a-duration", "'\(name)' is not a length of time: '\(text)'")
                }
                expectation.latencies[share] = limit
            }
        }
        return expectation
    }

    var probe: Probe? { place?.probe }

    func perform(_ work: StepWork) async throws -> StepResult {
        if work.mode.checkMode { return StepResult(skipReason: "checks are made after a deploy, not in check mode") }
        let http = HTTPClient(through: work.session)
        let prometheus = try await prometheus(work, http)
        let before = try await counter?.before(prometheus)
        await work.progress("sending \(traffic.count) requests")
        let result = try await traffic.run(with: http)
        var checks = expectation.checks(result, resource: resource)
        if let counter, let prometheus {
            checks += try await counter.checks(prometheus, before: before ?? 0, work.progress)
        }
        return .verified(checks)
    }

    private func prometheus(_ work: StepWork, _ http: HTTPClient) async throws -> PrometheusClient? {
        guard let place, let counter else { return nil }
        let stack = try await RunningStack.read(work, directory: place.directory, file: place.file)
        return PrometheusClient(http: http, url: try stack.url(of: counter.service))
    }
}

/// That a counter in Prometheus has grown by the traffic.
struct CounterExpectation: Sendable {
    let service: String
    private let check: CounterCheck
    private let within: Duration

    init?(_ arguments: ArgumentReader) throws {
        guard let map = try arguments.map("prometheus") else { return nil }
        guard let query = map["query"]?.string else {
            throw arguments.complaint("prometheus", code: "missing-argument", "'prometheus' needs a 'query'")
        }
        service = map["service"]?.string ?? "prometheus"
        check = CounterCheck(
            name: "requests counted", expression: query, increase: map["increase_at_least"]?.int.map(Double.init) ?? 1)
        within = map["within"].flatMap { Duration(parsing: $0.string ?? $0.int.map(String.init) ?? "") } ?? .seconds(45)
    }

    /// The counter's value now; 0 while Prometheus knows none.
    func before(_ prometheus: PrometheusClient?) async throws -> Double {
        guard let prometheus else { return 0 }
        do {
            return try await check.value(with: prometheus)
        } catch let error as HTTPError {
            throw error.diagnostic
        } catch let error as APIError {
            throw error.diagnostic
        }
    }

    /// Polls, since a counter is only as new as the last scrape.
    func checks(
        _ prometheus: PrometheusClient, before: Double, _ waiting: @escaping @Sendable (String) async -> Void
    ) async throws -> [Check] {
        try await Poll(timeout: within, interval: .milliseconds(500)).checks(waiting: waiting) {
            try await check.run(since: before, with: prometheus)
        }
    }
}
