import OpsCore
import OpsMonitoring

/// A real alert as a playbook expects it: it fires or has ended, and its receiver was told so.
struct AlertExpectation: Sendable {
    private static let keys = ["labels", "receiver", "state", "since"]

    private let labels: [String: String]
    private let receiver: String
    private let isResolved: Bool
    private let since: Deliveries

    init?(_ arguments: ArgumentReader) throws {
        guard let map = try arguments.map("alert") else { return nil }
        try arguments.refuseUnknownKeys(of: map, "alert", Self.keys)
        guard let receiver = map["receiver"]?.string, let labels = map["labels"]?.words, !labels.isEmpty else {
            throw arguments.complaint("alert", code: "missing-argument", "'alert' needs 'labels' and a 'receiver'")
        }
        let state = map["state"]?.string ?? "firing"
        guard ["firing", "resolved"].contains(state) else {
            throw arguments.complaint(
                "alert", code: "not-a-choice", "'\(state)' is no state of an alert", hints: ["one of: firing, resolved"])
        }
        self.receiver = receiver
        self.labels = labels
        isResolved = state == "resolved"
        since = Deliveries(registered: map["since"])
    }

    private var name: String { "alert " + (labels["alertname"] ?? "") }

    /// Asks once; poll.
    func checks(_ alertmanager: AlertmanagerClient) async throws -> [Check] {
        let state =
            isResolved
            ? try await AlertGoneCheck(name: name, labels: labels).run(with: alertmanager)
            : try await RoutedAlertCheck(name: name, labels: labels, receivers: [receiver]).run(with: alertmanager)
        let told = DeliveryCheck(receiver: receiver, what: isResolved ? "its resolution" : "notification", since: since)
        return try await state + told.run(with: alertmanager)
    }
}

extension Deliveries {
    /// As an earlier step registered them under `notifications`.
    init(registered value: Value?) {
        self.init((value?.map ?? [:]).reduce(into: [:]) { receivers, entry in
            guard let receiver = entry.key.string else { return }
            receivers[receiver] = (entry.value.map ?? [:]).reduce(into: [:]) { counts, entry in
                guard let integration = entry.key.string else { return }
                counts[integration] = Count(sent: entry.value["sent"]?.number ?? 0, failed: entry.value["failed"]?.number ?? 0)
            }
        })
    }

    /// As `register` keeps them.
    var registered: Value {
        .map(all.sorted { $0.key < $1.key }.reduce(into: ValueMap()) { receivers, receiver in
            receivers[.string(receiver.key)] = .map(receiver.value.sorted { $0.key < $1.key }.reduce(into: ValueMap()) { counts, count in
                counts[.string(count.key)] = ["sent": .double(count.value.sent), "failed": .double(count.value.failed)]
            })
        })
    }
}

extension Value {
    fileprivate var number: Double? {
        if case .double(let number) = self { number } else { int.map(Double.init) }
    }
}
