import Foundation
import OpsCore
import OpsMonitoring

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

    /// What the counter said before the traffic, or why that is not known.
    enum Before: Sendable {
        case value(Double)
        case unknown(String)
    }

    /// The counter's value now; 0 while Prometheus knows none.
    func before(_ prometheus: PrometheusClient?) async throws -> Before {
        guard let prometheus else { return .unknown("there is no Prometheus") }
        do {
            return .value(try await check.value(with: prometheus))
        } catch HTTPError.cancelled {
            throw CancellationError()
        } catch let error as HTTPError {
            return .unknown(error.diagnostic.message)
        } catch let error as APIError {
            return .unknown(error.diagnostic.message)
        }
    }

    /// Polls, since a counter is only as new as the last scrape.
    func checks(
        _ prometheus: PrometheusClient, since before: Before, patience: (Duration) -> Duration,
        _ waiting: @escaping @Sendable (String) async -> Void
    ) async throws -> [Check] {
        switch before {
        case .unknown(let reason): return [check.unknown(because: reason)]
        case .value(let value):
            return try await Poll(timeout: patience(within), interval: .milliseconds(500)).checks(waiting: waiting) {
                try await check.run(since: value, with: prometheus)
            }
        }
    }
}

/// That Loki holds one entry for each request of this run: none lost, none twice.
struct LogExpectation: Sendable {
    let service: String
    private let check: LokiCountCheck
    private let within: Duration

    /// A log that is shipped twice may come the second time a little later.
    private static let secondLook = Duration.seconds(2)

    /// - Parameter run: what `<run>` in the query stands for.
    init?(_ arguments: ArgumentReader, run: String, count: Int) throws {
        guard let map = try arguments.map("loki") else { return nil }
        guard let query = map["query"]?.string, query.contains(RunMark.run) else {
            throw arguments.complaint(
                "loki", code: "missing-argument", "'loki' needs a 'query' that names the run",
                hints: [#"write sum(count_over_time({job="backend"} |= "opsctl-<run>-" [15m])) and send x-request-id: opsctl-<run>-<n>"#])
        }
        let exactly = map["exactly"]?.int ?? map["exactly"]?.string.flatMap(Int.init) ?? count
        service = map["service"]?.string ?? "loki"
        check = LokiCountCheck(
            name: "requests logged", query: query.replacing(RunMark.run, with: run), expected: exactly...exactly)
        within = map["within"].flatMap { Duration(parsing: $0.string ?? $0.int.map(String.init) ?? "") } ?? .seconds(30)
    }

    /// Polls until all entries are there, then looks once more.
    func checks(
        _ loki: LokiClient, patience: (Duration) -> Duration, _ waiting: @escaping @Sendable (String) async -> Void
    ) async throws -> [Check] {
        let first = try await Poll(timeout: patience(within), interval: .milliseconds(500)).checks(waiting: waiting) {
            try await check.run(with: loki)
        }
        guard first.allSatisfy({ $0.status == .pass }) else { return first }
        try await Task.sleep(for: Self.secondLook)
        var second = try await check.run(with: loki)
        for index in second.indices { second[index].seconds = first[index].seconds }
        return second
    }
}

/// What stands in headers and queries for the id of this run and the number of the request.
enum RunMark {
    static let run = "<run>"
    static let number = "<n>"
}
