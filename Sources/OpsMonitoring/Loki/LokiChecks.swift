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

/// Loki deletes what is older than declared.
public struct LokiRetentionCheck: Sendable {
    private let period: String

    /// - Parameter period: such as `7d`.
    public init(period: String) { self.period = period }

    /// Asks once.
    public func run(with loki: LokiClient) async throws -> [Check] {
        try await checking("loki", "retention", expected: period) {
            try await loki.configuration()
        } _: { yaml in
            let isOn = Self.value("retention_enabled", in: yaml) == "true"
            let actual = Self.value("retention_period", in: yaml) ?? "none"
            return [
                Check(
                    "loki", "retention", expected: period, actual: isOn ? actual : "off",
                    passes: isOn && Self.duration(actual) == Self.duration(period))
            ]
        }
    }

    /// The first scalar of that name; Loki writes each setting on a line of its own.
    private static func value(_ key: String, in yaml: String) -> String? {
        for line in yaml.split(separator: "\n") {
            let words = line.split(separator: ":", maxSplits: 1)
            if words.count == 2, words[0].trimmingCharacters(in: .whitespaces) == key {
                return HTTPResponse.excerpt(String(words[1]), limit: 40)
            }
        }
        return nil
    }

    /// Loki writes `7d` as `1w` or as `168h0m0s`, depending on its version.
    private static func duration(_ text: String) -> Duration? { Duration(parsing: text) }
}
