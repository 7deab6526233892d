import Foundation
import OpsCore

/// Alertmanager has the receivers that were configured.
public struct ReceiversCheck: Sendable {
    private let expected: Set<String>

    public init(expected: Set<String>) { self.expected = expected }

    /// Asks once.
    public func run(with alertmanager: AlertmanagerClient) async throws -> [Check] {
        try await checking("alertmanager", "receivers", expected: "\(expected.count)") {
            Set(try await alertmanager.receivers())
        } _: { receivers in
            let missing = expected.subtracting(receivers).sorted().map { "missing: \($0)" }
            let extra = receivers.subtracting(expected).sorted().map { "not expected: \($0)" }
            var parts = ["\(receivers.count)"]
            if !missing.isEmpty { parts.append("\(missing.count) missing") }
            if !extra.isEmpty { parts.append("\(extra.count) not expected") }
            return [
                Check(
                    "alertmanager", "receivers", expected: "\(expected.count)", actual: parts.joined(separator: ", "),
                    passes: parts.count == 1,
                    details: (missing + extra).prefix(10).map { HTTPResponse.excerpt($0, limit: 100) })
            ]
        }
    }
}

/// A single Alertmanager is one: with gossip half on it would wait for peers before it notifies.
public struct AlertmanagerClusterCheck: Sendable {
    private let expected: String

    /// - Parameter expected: `disabled` for a single one, `ready` for one of several.
    public init(expected: String) { self.expected = expected }

    /// Asks once.
    public func run(with alertmanager: AlertmanagerClient) async throws -> [Check] {
        try await checking("alertmanager", "cluster", expected: expected) {
            try await alertmanager.status().cluster.status
        } _: { status in
            [
                Check(
                    "alertmanager", "cluster", expected: expected, actual: HTTPResponse.excerpt(status, limit: 40),
                    passes: status == expected)
            ]
        }
    }
}

/// An alert that must always fire, such as `Watchdog`, has come all the way from its rule.
public struct AlertPresentCheck: Sendable {
    private let name: String

    public init(name: String = "Watchdog") { self.name = name }

    /// Asks once. The rule has to be evaluated and the alert sent first: poll.
    public func run(with alertmanager: AlertmanagerClient) async throws -> [Check] {
        try await checking("alertmanager", "alert \(name)", expected: "present") {
            try await alertmanager.alerts(matching: ["alertname": name])
        } _: { alerts in
            [
                Check(
                    "alertmanager", "alert \(name)", expected: "present",
                    actual: alerts.first?.status.state ?? "absent", passes: !alerts.isEmpty)
            ]
        }
    }
}
