import Foundation
import OpsCore
import OpsMonitoring

/// That a counter in Prometheus has grown by the traffic.
struct CounterExpectation: Sendable {
    let service: String
    private let query: String
    /// At least by how much it must have grown; nil for as many requests as were sent.
    private let increase: Int?
    private let within: Duration

    init?(_ arguments: ArgumentReader) throws {
        guard let map = try arguments.map("prometheus") else { return nil }
        guard let query = map["query"]?.string else {
            throw arguments.complaint("prometheus", code: "missing-argument", "'prometheus' needs a 'query'")
        }
        self.query = query
        service = map["service"]?.string ?? "prometheus"
        increase = try map["increase_at_least"].map { try arguments.count("prometheus", "increase_at_least", $0) }
        within = map["within"].flatMap { Duration(parsing: $0.string ?? $0.int.map(String.init) ?? "") } ?? .seconds(45)
    }

    private func check(_ sent: Int) -> CounterCheck {
        CounterCheck(name: "requests counted", expression: query, increase: Double(increase ?? sent))
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
            return .value(try await check(0).value(with: prometheus))
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
        _ prometheus: PrometheusClient, sent: Int, since before: Before, patience: (Duration) -> Duration,
        _ waiting: @escaping @Sendable (String) async -> Void
    ) async throws -> [Check] {
        let check = check(sent)
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
    private let query: String
    /// How many entries there must be; nil for as many as requests were sent.
    private let exactly: Int?
    private let within: Duration

    /// A log that is shipped twice may come the second time a little later.
    private static let secondLook = Duration.seconds(2)

    /// - Parameter run: what `<run>` in the query stands for.
    init?(_ arguments: ArgumentReader, run: String) throws {
        guard let map = try arguments.map("loki") else { return nil }
        guard let query = map["query"]?.string, query.contains(RunMark.run) else {
            throw arguments.complaint(
                "loki", code: "missing-argument", "'loki' needs a 'query' that names the run",
                hints: [#"write sum(count_over_time({job="backend"} |= "opsctl-<run>-" [15m])) and send x-request-id: opsctl-<run>-<n>"#])
        }
        self.query = query.replacing(RunMark.run, with: run)
        exactly = try map["exactly"].map { try arguments.count("loki", "exactly", $0) }
        service = map["service"]?.string ?? "loki"
        within = map["within"].flatMap { Duration(parsing: $0.string ?? $0.int.map(String.init) ?? "") } ?? .seconds(30)
    }

    /// Polls until all entries are there, then looks once more.
    func checks(
        _ loki: LokiClient, sent: Int, patience: (Duration) -> Duration,
        _ waiting: @escaping @Sendable (String) async -> Void
    ) async throws -> [Check] {
        let expected = exactly ?? sent
        let check = LokiCountCheck(name: "requests logged", query: query, expected: expected...expected)
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

extension ArgumentReader {
    /// A number within a mapping; what comes from the command line is text.
    fileprivate func count(_ name: String, _ key: String, _ value: Value) throws -> Int {
        guard let number = value.int ?? value.string.flatMap(Int.init), number >= 0 else {
            throw complaint(name, code: "wrong-type", "'\(key)' must be a whole number")
        }
        return number
    }
}

/// What stands in headers and queries for the id of this run and the number of the request.
enum RunMark {
    static let run = "<run>"
    static let number = "<n>"
}
