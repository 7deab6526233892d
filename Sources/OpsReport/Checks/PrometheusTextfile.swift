import Foundation
import OpsCore

/// The result of a verification for node_exporter's textfile collector, so that Prometheus can alert on it.
///
/// Format: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format. The file must be
/// renamed into place: the collector may read at any moment.
public struct PrometheusTextfile: Sendable {
    /// Name of the inventory, so that several environments can be told apart.
    public var environment: String

    public init(environment: String) { self.environment = environment }

    /// - Parameter time: when the verification ended.
    public func text(_ results: CheckResults, at time: Date) -> String {
        let count = results.count
        let label = "environment=\"\(Self.escape(environment))\""
        let states = [
            ("fail", count.failed), ("pass", count.passed), ("skip", count.skipped), ("unknown", count.unknown),
        ]
        return """
            # HELP opsctl_verify_success Whether every check of the last verification passed.
            # TYPE opsctl_verify_success gauge
            opsctl_verify_success{\(label)} \(count.allPassed && count.total > 0 ? 1 : 0)
            # HELP opsctl_verify_timestamp_seconds When the last verification ended, in Unix time.
            # TYPE opsctl_verify_timestamp_seconds gauge
            opsctl_verify_timestamp_seconds{\(label)} \(Int(time.timeIntervalSince1970))
            # HELP opsctl_verify_checks Checks of the last verification by how they ended.
            # TYPE opsctl_verify_checks gauge
            \(states.map { "opsctl_verify_checks{\(label),state=\"\($0.0)\"} \($0.1)" }.joined(separator: "\n"))

            """
    }

    private static func escape(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
