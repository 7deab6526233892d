import Foundation
import OpsCore
import OpsMonitoring

/// A test alert as a playbook describes it, followed from Alertmanager to where its receiver shows what it got.
struct TestAlertPlan: Sendable {
    private static let keys = ["receiver", "integration", "labels", "annotations", "received"]

    private let receiver: String
    private let integration: String?
    private let labels: [String: String]
    private let annotations: [String: String]
    private let received: HTTPURL?

    init?(_ arguments: ArgumentReader) throws {
        guard let map = try arguments.map("test_alert") else { return nil }
        try arguments.refuseUnknownKeys(of: map, "test_alert", Self.keys)
        guard let receiver = map["receiver"]?.string, !receiver.isEmpty else {
            throw arguments.complaint("test_alert", code: "missing-argument", "'test_alert' needs a 'receiver'")
        }
        self.receiver = receiver
        integration = map["integration"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        labels = map["labels"]?.words ?? [:]
        annotations = map["annotations"]?.words ?? [:]
        let address = map["received"]?.string ?? ""
        do {
            received = address.isEmpty ? nil : try HTTPURL(address)
        } catch {
            throw arguments.complaint("test_alert", code: error.diagnostic.code, error.diagnostic.message)
        }
    }

    /// Sends the alert and ends it, and what was seen of it on the way: always the same rows, whatever came to pass.
    func checks(
        _ alertmanager: AlertmanagerClient, _ http: HTTPClient, _ poll: Poll, _ waiting: @escaping @Sendable (String) async -> Void
    ) async throws -> [Check] {
        let run = UUID().uuidString.lowercased()
        let alert = TestAlert(run: run, labels: labels, annotations: annotations)
        let before: Deliveries
        do {
            if let stranger = try await refusal(alertmanager) { return [stranger] + untried(because: "not sent") }
            before = try await alertmanager.deliveries()
            try await alert.fire(at: alertmanager)
        } catch let error as APIError {
            return untried(because: error.diagnostic.message)
        } catch let error as HTTPError {
            if case .cancelled = error { throw CancellationError() }
            return untried(because: error.diagnostic.message)
        }
        let fired = try await poll.checks(waiting: waiting) {
            try await alert.isRouted(to: [receiver], by: alertmanager)
                + delivery("test alert", since: before).run(with: alertmanager)
                + arrival(.alert, of: run, http)
        }
        return try await fired + resolution(of: alert, run, after: fired, alertmanager, http, poll, waiting)
    }

    /// Ends the alert, also one that did not arrive: nobody shall be kept awake by a test.
    private func resolution(
        of alert: TestAlert, _ run: String, after fired: [Check], _ alertmanager: AlertmanagerClient, _ http: HTTPClient,
        _ poll: Poll, _ waiting: @escaping @Sendable (String) async -> Void
    ) async throws -> [Check] {
        do {
            let before = try await alertmanager.deliveries()
            try await alert.resolve(at: alertmanager)
            guard fired.allSatisfy({ $0.status == .pass }) else {
                return [untriedEnd(because: "the alert itself was not delivered")]
            }
            return try await poll.checks(waiting: waiting) {
                // Where the receiver shows what it got, that is the evidence; else what Alertmanager counts.
                received == nil
                    ? try await delivery(Message.resolution.name, since: before).run(with: alertmanager)
                    : try await arrival(.resolution, of: run, http)
            }
        } catch let error as APIError {
            return [untriedEnd(because: error.diagnostic.message)]
        } catch let error as HTTPError {
            if case .cancelled = error { throw CancellationError() }
            return [untriedEnd(because: error.diagnostic.message)]
        }
    }

    // MARK: Rows

    /// What a receiver is sent.
    private enum Message {
        case alert, resolution

        var name: String { self == .alert ? "test alert arrived" : "its resolution" }
        var status: String { self == .alert ? "firing" : "resolved" }
    }

    private func delivery(_ what: String, since before: Deliveries = Deliveries([:])) -> DeliveryCheck {
        DeliveryCheck(receiver: receiver, what: what, integration: integration, since: before)
    }

    /// The check that failed for want of the receiver; nil if Alertmanager has it.
    private func refusal(_ alertmanager: AlertmanagerClient) async throws -> Check? {
        let names = try await alertmanager.receivers()
        if names.contains(receiver) { return nil }
        let nearest = NearestName.to(receiver, in: names).map { "; did you mean '\($0)'?" } ?? ""
        return Check(
            resource: "receiver \(receiver)", property: "known", expected: "one of Alertmanager's",
            actual: "unknown\(nearest)", status: .fail, details: ["there are: \(names.sorted().joined(separator: ", "))"])
    }

    private func untried(because reason: String) -> [Check] {
        [
            .unknown("alertmanager", "test alert", expected: "active for \(receiver)", because: reason),
            delivery("test alert").unknown(because: reason),
        ] + (received == nil ? [] : [row(.alert, actual: reason, .unknown)]) + [untriedEnd(because: reason)]
    }

    private func untriedEnd(because reason: String) -> Check {
        received == nil ? delivery(Message.resolution.name).unknown(because: reason) : row(.resolution, actual: reason, .unknown)
    }

    private func row(_ message: Message, actual: String, _ status: Check.Status) -> Check {
        Check(resource: "receiver \(receiver)", property: message.name, expected: "arrived", actual: actual, status: status)
    }

    /// Whether the receiver shows this run's alert with the status of the message.
    private func arrival(_ message: Message, of run: String, _ http: HTTPClient) async throws -> [Check] {
        guard let received else { return [] }
        do {
            let answer = try await http.send(HTTPRequest(received, bodyLimit: 16 << 20))
            let arrived = ReceivedAlerts(body: answer.body).contains(run: run, status: message.status)
            return [row(message, actual: arrived ? "arrived" : "not there yet", arrived ? .pass : .fail)]
        } catch let error as HTTPError {
            if case .cancelled = error { throw CancellationError() }
            return [row(message, actual: error.diagnostic.message, .fail)]
        }
    }
}
