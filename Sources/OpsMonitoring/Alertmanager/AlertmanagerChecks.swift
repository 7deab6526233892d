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

/// A test alert on its way through Alertmanager: sent, routed, notified of, resolved.
public struct TestAlert: Sendable {
    /// How long the alert stays if nobody resolves it.
    static let lifetime = Duration.seconds(300)

    private let labels: [String: String]
    private let run: String

    /// - Parameters:
    ///   - run: identifies this test; the alert carries it as `run_id`.
    ///   - labels: further labels, such as those that route it to a receiver.
    public init(run: String, labels: [String: String] = [:]) {
        self.run = run
        let own = ["alertname": "OpsctlSelfTest", "opsctl_test": "true", "severity": "warning", "run_id": run]
        self.labels = own.merging(labels) { $1 }
    }

    /// Sends the alert.
    public func fire(at alertmanager: AlertmanagerClient, now: Date = Date()) async throws {
        try await alertmanager.post(
            labels: labels,
            annotations: ["summary": "opsctl tests the way of alerts; nothing is wrong", "description": "run \(run)"],
            starts: now, ends: now.addingTimeInterval(Self.lifetime.seconds))
    }

    /// Ends the alert.
    public func resolve(at alertmanager: AlertmanagerClient, now: Date = Date()) async throws {
        try await alertmanager.post(labels: labels, starts: now.addingTimeInterval(-1), ends: now)
    }

    /// Whether Alertmanager holds the alert, active, for these receivers. Poll.
    public func isRouted(
        to receivers: Set<String>, by alertmanager: AlertmanagerClient
    ) async throws -> [Check] {
        let words = "active for " + receivers.sorted().joined(separator: ", ")
        return try await checking("alertmanager", "test alert", expected: words) {
            try await alertmanager.alerts(matching: ["run_id": run])
        } _: { alerts in
            let names = Set(alerts.flatMap { $0.receivers.map(\.name) })
            let state = alerts.first?.status.state
            return [
                Check(
                    "alertmanager", "test alert", expected: words,
                    actual: state.map { "\($0) for " + names.sorted().joined(separator: ", ") } ?? "not there",
                    passes: state == "active" && names == receivers)
            ]
        }
    }

    /// Whether Alertmanager has notified since `before`, without a failure. Poll: it waits for its group's time.
    /// - Parameter before: what `AlertmanagerClient.notifications` gave before the alert was sent.
    public func isNotified(
        by integration: String, since before: (sent: Double, failed: Double), _ alertmanager: AlertmanagerClient
    ) async throws -> [Check] {
        try await checking("alertmanager", "notification by \(integration)", expected: "sent") {
            try await alertmanager.notifications()[integration] ?? (0, 0)
        } _: { after in
            let failed = after.failed - before.failed
            let tried = after.sent - before.sent
            return [
                Check(
                    "alertmanager", "notification by \(integration)", expected: "sent",
                    actual: tried < 1 ? "none yet" : failed > 0 ? "\(QueryCheck.text(failed)) failed" : "sent",
                    passes: tried >= 1 && failed == 0)
            ]
        }
    }
}
