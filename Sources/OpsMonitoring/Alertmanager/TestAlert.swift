import Foundation
import OpsCore

/// A test alert on its way through Alertmanager: sent, routed, notified of, resolved.
public struct TestAlert: Sendable {
    /// How long the alert stays if nobody resolves it.
    static let lifetime = Duration.seconds(300)

    private let labels: [String: String]
    private let annotations: [String: String]
    private let run: String

    /// - Parameters:
    ///   - run: identifies this test; the alert carries it as `run_id`.
    ///   - labels: further labels, such as those that route it to a receiver.
    ///   - annotations: beside or instead of its own summary and description.
    public init(run: String, labels: [String: String] = [:], annotations: [String: String] = [:]) {
        self.run = run
        let own = ["alertname": "OpsctlSelfTest", "opsctl_test": "true", "severity": "warning", "run_id": run]
        self.labels = own.merging(labels) { $1 }
        let words = ["summary": "opsctl tests the way of alerts; nothing is wrong", "description": "run \(run)"]
        self.annotations = words.merging(annotations) { $1 }
    }

    /// Sends the alert.
    public func fire(at alertmanager: AlertmanagerClient, now: Date = Date()) async throws {
        let ends = now.addingTimeInterval(Self.lifetime.seconds)
        try await alertmanager.post(labels: labels, annotations: annotations, starts: now, ends: ends)
    }

    /// Ends the alert.
    public func resolve(at alertmanager: AlertmanagerClient, now: Date = Date()) async throws {
        try await alertmanager.post(labels: labels, annotations: annotations, starts: now.addingTimeInterval(-1), ends: now)
    }

    /// Whether Alertmanager holds the alert, active, for these receivers. Poll.
    public func isRouted(
        to receivers: Set<String>, by alertmanager: AlertmanagerClient
    ) async throws -> [Check] {
        try await RoutedAlertCheck(name: "test alert", labels: ["run_id": run], receivers: receivers).run(with: alertmanager)
    }
}
