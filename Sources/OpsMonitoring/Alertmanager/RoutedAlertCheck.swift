import OpsCore

/// Alertmanager holds an alert, active, for the receivers that it is meant for.
public struct RoutedAlertCheck: Sendable {
    private let name: String
    private let labels: [String: String]
    private let receivers: Set<String>

    /// - Parameters:
    ///   - name: for people.
    ///   - labels: the alert has all of these.
    public init(name: String, labels: [String: String], receivers: Set<String>) {
        self.name = name
        self.labels = labels
        self.receivers = receivers
    }

    private var expected: String { "active for " + receivers.sorted().joined(separator: ", ") }

    /// Asks once; poll.
    public func run(with alertmanager: AlertmanagerClient) async throws -> [Check] {
        try await checking("alertmanager", name, expected: expected) {
            try await alertmanager.alerts(matching: labels)
        } _: { alerts in
            let names = Set(alerts.flatMap { $0.receivers.map(\.name) })
            let state = alerts.first?.status.state
            return [
                Check(
                    "alertmanager", name, expected: expected,
                    actual: state.map { "\($0) for " + names.sorted().joined(separator: ", ") } ?? "not there",
                    passes: state == "active" && names == receivers)
            ]
        }
    }

    /// The check as one that was not tried.
    public func unknown(because reason: String) -> Check { .unknown("alertmanager", name, expected: expected, because: reason) }
}

/// An alert has ended: Alertmanager holds it no longer.
public struct AlertGoneCheck: Sendable {
    private let name: String
    private let labels: [String: String]

    public init(name: String, labels: [String: String]) {
        self.name = name
        self.labels = labels
    }

    /// Asks once; poll.
    public func run(with alertmanager: AlertmanagerClient) async throws -> [Check] {
        try await checking("alertmanager", name, expected: "ended") {
            try await alertmanager.alerts(matching: labels)
        } _: { alerts in
            [
                Check(
                    "alertmanager", name, expected: "ended", actual: alerts.first?.status.state ?? "ended",
                    passes: alerts.isEmpty)
            ]
        }
    }
}
