import Foundation
import OpsCore

/// A line that is pushed comes back.
public struct LokiPingCheck: Sendable {
    private let run: String
    private let time: Date

    /// - Parameters:
    ///   - run: identifies this check; the line's stream carries it as label `run`.
    ///   - time: when the line is logged.
    public init(run: String, time: Date = Date()) {
        self.run = run
        self.time = time
    }

    /// Pushes the line; once.
    public func push(to loki: LokiClient) async throws -> [Check] {
        let entry = LokiClient.Entry(time: Int64(time.timeIntervalSince1970 * 1e6) * 1000, line: line)
        return try await checking("loki", "push", expected: "accepted") {
            try await loki.push([entry], labels: ["job": "opsctl-selftest", "run": run])
        } _: {
            [Check("loki", "push", expected: "accepted", actual: "accepted", passes: true)]
        }
    }

    /// Looks for the line; poll.
    public func find(in loki: LokiClient) async throws -> [Check] {
        try await checking("loki", "pushed line", expected: "comes back") {
            try await loki.lines(
                #"{job="opsctl-selftest",run="\#(run)"}"#, from: time.addingTimeInterval(-60),
                to: time.addingTimeInterval(600))
        } _: { entries in
            let found = entries.contains { $0.line == line }
            return [
                Check(
                    "loki", "pushed line", expected: "comes back", actual: found ? "comes back" : "not found",
                    passes: found)
            ]
        }
    }

    /// The line as one that nobody could look for.
    public func unfound(because reason: String) -> Check {
        .unknown("loki", "pushed line", expected: "comes back", because: reason)
    }

    private var line: String { "ping \(run)" }
}

/// Loki holds as many lines as were logged.
public struct LokiCountCheck: Sendable {
    private let name: String
    private let query: String
    private let expected: ClosedRange<Int>

    /// - Parameters:
    ///   - query: a metric query, such as `sum(count_over_time({job="a"} |= "run" [10m]))`.
    ///   - expected: fewer lines were lost, more came twice.
    public init(name: String, query: String, expected: ClosedRange<Int>) {
        self.name = name
        self.query = query
        self.expected = expected
    }

    /// Asks once; shippers take their time: poll.
    public func run(with loki: LokiClient) async throws -> [Check] {
        let words = expected.count == 1 ? "\(expected.lowerBound)" : "\(expected.lowerBound) to \(expected.upperBound)"
        return try await checking("loki", name, expected: words) {
            try await loki.value(query) ?? 0
        } _: { value in
            let passes = Double(expected.lowerBound) <= value && value <= Double(expected.upperBound)
            let reason =
                value > Double(expected.upperBound)
                ? "more than were written: is the same log shipped twice?"
                : "lines are still on their way, or were dropped"
            return [
                Check(
                    "loki", name, expected: words, actual: QueryCheck.text(value), passes: passes,
                    details: passes ? [] : [reason, "query: \(query)"])
            ]
        }
    }
}

/// A line that something else wrote has come to Loki, by way of the log shipper.
public struct LokiArrivalCheck: Sendable {
    private let property: String
    private let text: String
    private let since: Date

    /// - Parameters:
    ///   - property: what the line is, such as `line of a container`.
    ///   - text: stands in that line and in no other; letters, digits and hyphens.
    public init(property: String, text: String, since: Date) {
        self.property = property
        self.text = text
        self.since = since
    }

    /// Asks once; shippers take their time: poll.
    public func run(with loki: LokiClient) async throws -> [Check] {
        try await checking("log shipper", property, expected: "comes to Loki") {
            try await loki.lines(
                #"{job=~".+"} |= "\#(text)""#, from: since.addingTimeInterval(-60), to: since.addingTimeInterval(600))
        } _: { entries in
            [
                Check(
                    "log shipper", property, expected: "comes to Loki",
                    actual: entries.isEmpty ? "not there" : "comes to Loki", passes: !entries.isEmpty)
            ]
        }
    }
}
