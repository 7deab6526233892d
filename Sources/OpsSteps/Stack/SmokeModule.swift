import Foundation
import OpsCore
import OpsMonitoring
import OpsProject

/// `smoke`: bounded traffic from the host; the answers, their latency, that Prometheus counted them and that Loki
/// has exactly one entry for each.
struct SmokeModule: StepModule {
    static let name = "smoke"
    static let isReadOnly = true
    static let parameters =
        StackPlace.parameters + [
            Parameter("url", "address as the host sees it", required: true),
            Parameter("count", "how many requests (default 25, at most 10000)"),
            Parameter("concurrency", "how many at once (default 4, at most 64)"),
            Parameter("rate", "requests per second at most"),
            Parameter("duration", "begin no request later than this, and judge those that were sent (default: send all)"),
            Parameter("method", "default GET"),
            Parameter("headers", "mapping of header fields; in a value <run> is this run's id and <n> the request's number"),
            Parameter("body", "text to send"),
            Parameter("timeout", "most time for one answer (default 5 s)"),
            Parameter("expect", "{status, p50, p95, p99, max, error_ratio}"),
            Parameter("prometheus", "{service, query, increase_at_least, within}: Prometheus must have counted it (default: as many as were sent)"),
            Parameter("loki", "{service, query, exactly, within}: Loki must have so many entries (default: as many as were sent); <run> in the query is this run's id"),
        ]

    private let place: StackPlace?
    private let traffic: SmokeTraffic
    private let expectation: SmokeExpectation
    private let resource: String
    private let counter: CounterExpectation?
    private let entries: LogExpectation?

    init(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws {
        let url = try arguments.requiredURL("url")
        resource = "smoke \(url)"
        let method = try arguments.string("method", default: "GET").uppercased()
        let headers = try (arguments.map("headers") ?? [:]).map {
            ($0.key.string ?? "", $0.value.string ?? $0.value.int.map(String.init) ?? "")
        }
        let body = Array(try arguments.string("body", default: "").utf8)
        let timeout = try arguments.duration("timeout", default: .seconds(5))
        let run = String(UUID().uuidString.lowercased().prefix(8))
        traffic = SmokeTraffic(
            count: try Self.number("count", upTo: 10_000, default: 25, arguments),
            concurrency: try Self.number("concurrency", upTo: 64, default: 4, arguments), rate: try Self.rate(arguments),
            limit: arguments.value("duration") == nil ? nil : try arguments.duration("duration", default: .zero)
        ) { number in
            let fields = headers.map { name, value in
                HTTPHeader(name, value.replacing(RunMark.run, with: run).replacing(RunMark.number, with: String(number)))
            }
            return HTTPRequest(url, method: method, headers: fields, body: body, timeout: timeout)
        }
        expectation = try Self.expectation(arguments)
        counter = try CounterExpectation(arguments)
        entries = try LogExpectation(arguments, run: run)
        let looksAtStack = counter != nil || entries != nil
        place = looksAtStack ? try StackPlace(arguments, environment) : nil
        if looksAtStack, place == nil {
            throw Diagnostic(code: "missing-argument", "'smoke' needs 'project_dir' to find Prometheus and Loki", at: arguments.location)
        }
    }

    private static func number(_ name: String, upTo most: Int, default usual: Int, _ arguments: ArgumentReader) throws -> Int {
        let number = try arguments.int(name, default: usual)
        guard (1...most).contains(number) else {
            throw arguments.complaint(
                name, code: "out-of-range", "'\(name)' must be from 1 to \(most), not \(number)",
                hints: ["for more, use a tool made for load: docs/monitoring/capacity.md"])
        }
        return number
    }

    private static func rate(_ arguments: ArgumentReader) throws -> Double? {
        guard let text = try arguments.string("rate") else { return nil }
        // One in a quarter of an hour is the slowest; with less, the time of the last could be beyond what can be counted.
        guard let rate = Double(text), rate >= 0.001, rate.isFinite else {
            throw arguments.complaint(
                "rate", code: "wrong-type", "'rate' must be a number of requests per second, from 0.001 on, not '\(text)'")
        }
        return rate
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
        if work.mode.checkMode { return .notInCheckMode }
        let http = HTTPClient(through: work.session)
        let stack =
            if let place {
                try await RunningStack.read(work, directory: place.directory, file: place.file)
            } else {
                nil as RunningStack?
            }
        let patience: @Sendable (Duration) -> Duration = { stack?.patience($0) ?? $0 }
        let prometheus = try await Self.reach(counter?.service, stack, work)?.prometheus
        let loki = try await Self.reach(entries?.service, stack, work)?.loki
        // Whoever does not count today: the requests are sent, and the other checks are made.
        let before = try await counter?.before(prometheus)
        await work.progress("sending \(traffic.count) requests")
        let result = try await traffic.run(with: http)
        var checks = expectation.checks(result, resource: resource)
        if let counter, let prometheus, let before {
            checks += try await counter.checks(prometheus, sent: result.count, since: before, patience: patience, work.progress)
        }
        if let entries, let loki {
            checks += try await entries.checks(loki, sent: result.count, patience: patience, work.progress)
        }
        return .verified(checks)
    }

    private static func reach(_ service: String?, _ stack: RunningStack?, _ work: StepWork) async throws -> ReachedService? {
        guard let service, let stack else { return nil }
        return try await stack.reach(service, work)
    }
}
