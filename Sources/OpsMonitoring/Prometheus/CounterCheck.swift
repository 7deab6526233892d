import OpsCore

/// A counter has gone up by as much as was done: Prometheus saw the traffic.
public struct CounterCheck: Sendable {
    private let name: String
    private let expression: String
    private let increase: Double

    /// - Parameters:
    ///   - name: for people, such as `requests counted`.
    ///   - expression: gives the counter, such as `sum(http_requests_total{job="backend"})`; all its series are
    ///     added up.
    ///   - increase: at least by how much it has to go up.
    public init(name: String, expression: String, increase: Double) {
        self.name = name
        self.expression = expression
        self.increase = increase
    }

    /// The counter now; 0 if there is none yet. Read it before the traffic.
    public func value(with prometheus: PrometheusClient) async throws -> Double {
        try await prometheus.query(expression).reduce(0) { $0 + $1.value }
    }

    private var expected: String { "at least \(QueryCheck.text(increase)) more" }

    /// The check as one that could not be made.
    public func unknown(because reason: String) -> Check { .unknown("prometheus", name, expected: expected, because: reason) }

    /// Asks once. The next scrape has to come first: poll.
    /// - Parameter before: what `value` gave before the traffic.
    public func run(since before: Double, with prometheus: PrometheusClient) async throws -> [Check] {
        return try await checking("prometheus", name, expected: expected) {
            try await value(with: prometheus)
        } _: { after in
            // A counter that was set back has counted from 0 since.
            let seen = after < before ? after : after - before
            let passes = seen >= increase
            return [
                Check(
                    "prometheus", name, expected: expected, actual: "\(QueryCheck.text(seen)) more", passes: passes,
                    details: passes ? [] : ["expression: \(expression)"])
            ]
        }
    }
}
