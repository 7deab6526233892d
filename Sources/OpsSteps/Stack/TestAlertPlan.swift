import Foundation
import OpsCore
import OpsMonitoring

/// A test alert as a playbook describes it, followed from Alertmanager to where its receiver shows what it got.
struct TestAlertPlan: Sendable {
    private let receiver: String
    private let integration: String
    private let labels: [String: String]
    private let received: HTTPURL?

    init?(_ arguments: ArgumentReader) throws {
        guard let map = try arguments.map("test_alert") else { return nil }
        for key in map.keys where !["receiver", "integration", "labels", "received"].contains(key.string) {
            throw arguments.complaint(
                "test_alert", code: "unknown-key", "unknown key '\(key.string ?? "")' in 'test_alert'",
                hints: ["there are: receiver, integration, labels, received"])
        }
        guard let receiver = map["receiver"]?.string, !receiver.isEmpty else {
            throw arguments.complaint("test_alert", code: "missing-argument", "'test_alert' needs a 'receiver'")
        }
        self.receiver = receiver
        integration = map["integration"]?.string ?? "webhook"
        labels = (map["labels"]?.map ?? [:]).reduce(into: [:]) { labels, entry in
            if let key = entry.key.string, let value = entry.value.string { labels[key] = value }
        }
        let address = map["received"]?.string ?? ""
        do {
            received = address.isEmpty ? nil : try HTTPURL(address)
        } catch {
            throw arguments.complaint("test_alert", code: error.diagnostic.code, error.diagnostic.message)
        }
    }

    /// Sends the alert and ends it, and what was seen of it on the way.
    func checks(
        _ alertmanager: AlertmanagerClient, _ http: HTTPClient, _ poll: Poll, _ waiting: @escaping @Sendable (String) async -> Void
    ) async throws -> [Check] {
        let run = UUID().uuidString.lowercased()
        let alert = TestAlert(run: run, labels: labels)
        do {
            let before = try await alertmanager.notifications()[integration] ?? (sent: 0, failed: 0)
            try await alert.fire(at: alertmanager)
            var checks = try await poll.checks(waiting: waiting) {
                try await alert.isRouted(to: [receiver], by: alertmanager)
                    + alert.isNotified(by: integration, since: before, alertmanager)
                    + arrival("test alert", of: run, times: 1, http)
            }
            // Ended even if it didn't arrive: nobody shall be kept awake by a test.
            let messages = try? await count(of: run, http)
            try await alert.resolve(at: alertmanager)
            guard let messages, checks.allSatisfy({ $0.status == .pass }) else { return checks }
            checks += try await poll.checks(waiting: waiting) {
                try await arrival("its resolution", of: run, times: messages + 1, http)
            }
            return checks
        } catch let error as APIError {
            throw error.diagnostic
        } catch let error as HTTPError {
            throw error.diagnostic
        }
    }

    /// The receiver has the run's id at least so many times.
    private func arrival(_ what: String, of run: String, times: Int, _ http: HTTPClient) async throws -> [Check] {
        guard received != nil else { return [] }
        var actual: String
        var arrived = false
        do {
            arrived = try await count(of: run, http) >= times
            actual = arrived ? "arrived" : "not there yet"
        } catch let error as HTTPError {
            if case .cancelled = error { throw CancellationError() }
            actual = error.diagnostic.message
        }
        return [
            Check(
                resource: "receiver \(receiver)", property: what, expected: "arrived", actual: actual,
                status: arrived ? .pass : .fail)
        ]
    }

    /// How often what the receiver shows names the run. Each message names it as often as any other.
    private func count(of run: String, _ http: HTTPClient) async throws -> Int {
        guard let received else { return 0 }
        let answer = try await http.send(HTTPRequest(received, bodyLimit: 16 << 20))
        return answer.text.components(separatedBy: run).count - 1
    }
}
