import Foundation
import OpsCore

/// Loki deletes what is older than declared: it is told to, it has done so lately, and nothing older is there.
public struct LokiRetentionCheck: Sendable {
    /// The compactor runs every ten minutes in the shipped configuration; after so long something is wrong.
    private static let longestPause = 6 * 3600.0
    /// Lines stay longer than the retention: until their chunk is full (2 h), the compactor comes round, and the
    /// delay of deletion (2 h) is over. A day is far from all that.
    private static let slack = 24 * 3600.0
    /// As far back as is looked; Loki refuses queries over more than 30 days.
    private static let lookBack = 29 * 24 * 3600.0

    private let period: String
    private let grace: Duration
    private let now: Date

    /// - Parameters:
    ///   - period: such as `7d`.
    ///   - grace: after its start Loki has so long for its first deletion run.
    public init(period: String, grace: Duration = .seconds(1200), now: Date = Date()) {
        self.period = period
        self.grace = grace
        self.now = now
    }

    /// Asks once.
    public func run(with loki: LokiClient) async throws -> [Check] {
        try await Check.concurrently([{ try await declared(loki) }, { try await lastRun(loki) }, { try await oldest(loki) }])
    }

    private func declared(_ loki: LokiClient) async throws -> [Check] {
        try await checking("loki", "retention", expected: period) {
            try await loki.configuration()
        } _: { yaml in
            let isOn = Self.value("retention_enabled", in: yaml) == "true"
            let actual = Self.value("retention_period", in: yaml) ?? "none"
            return [
                Check(
                    "loki", "retention", expected: period, actual: isOn ? actual : "off",
                    passes: isOn && Duration(parsing: actual) == Duration(parsing: period))
            ]
        }
    }

    private func lastRun(_ loki: LokiClient) async throws -> [Check] {
        try await checking("loki", "last deletion run", expected: "within 6 h") {
            try await loki.metrics()
        } _: { text in
            let last = MetricsText.value(
                of: "loki_compactor_apply_retention_last_successful_run_timestamp_seconds", in: text)
            let started = MetricsText.value(of: "process_start_time_seconds", in: text) ?? 0
            return [judge(last: last ?? 0, upFor: now.timeIntervalSince1970 - started)]
        }
    }

    private func judge(last: Double, upFor uptime: Double) -> Check {
        let age = now.timeIntervalSince1970 - last
        guard last > 0 else {
            var check = Check(
                "loki", "last deletion run", expected: "within 6 h", actual: "none", passes: false,
                details: ["it has been up for \(Duration.seconds(max(uptime, 0)).brief); see its log for 'compactor'"])
            if uptime < grace.seconds {
                check.status = .skip
                check.actual = "none yet, up for \(Duration.seconds(max(uptime, 0)).brief)"
            }
            return check
        }
        return Check(
            "loki", "last deletion run", expected: "within 6 h", actual: "\(Duration.seconds(max(age, 0)).brief) ago",
            passes: age < Self.longestPause)
    }

    private func oldest(_ loki: LokiClient) async throws -> [Check] {
        guard let kept = Duration(parsing: period)?.seconds else { return [] }
        let end = now.addingTimeInterval(-kept - Self.slack)
        let expected = "none beyond \(Duration.seconds(kept + Self.slack).brief)"
        return try await checking("loki", "old lines", expected: expected) {
            try await loki.lines(#"{job=~".+"}"#, from: end.addingTimeInterval(-Self.lookBack), to: end, limit: 1)
        } _: { lines in
            let age = lines.first.map { Duration.seconds(now.timeIntervalSince1970 - Double($0.time) / 1e9).brief }
            return [
                Check(
                    "loki", "old lines", expected: expected, actual: age.map { "one of \($0) ago" } ?? "none",
                    passes: lines.isEmpty)
            ]
        }
    }

    /// The first scalar of that name; Loki writes each setting on a line of its own, and `7d` as `1w` or `168h0m0s`.
    private static func value(_ key: String, in yaml: String) -> String? {
        for line in yaml.split(separator: "\n") {
            let words = line.split(separator: ":", maxSplits: 1)
            if words.count == 2, words[0].trimmingCharacters(in: .whitespaces) == key {
                return HTTPResponse.excerpt(String(words[1]), limit: 40)
            }
        }
        return nil
    }
}
