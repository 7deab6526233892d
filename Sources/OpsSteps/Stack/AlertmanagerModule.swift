import Foundation
import OpsCore
import OpsMonitoring

/// `alertmanager`: its receivers are the declared ones, the alert that always fires has come, a real alert has reached
/// its receiver, and a test alert does and is reported resolved.
struct AlertmanagerModule: StepModule {
    static let name = "alertmanager"
    /// A test alert is ended at once, and by itself five minutes after it was sent.
    static let isReadOnly = true
    static let parameters =
        ServiceAddress.parameters("alertmanager") + ServiceAddress.loginParameters + [
            Parameter("receivers", "names of all receivers in its configuration"),
            Parameter("cluster", "state of its cluster: 'disabled' for a single one, 'ready' for one of several"),
            Parameter("watchdog", "the alert that always fires is there: true (default, 'Watchdog'), false, or its name"),
            Parameter(
                "test_alert",
                "{receiver, integration, labels, annotations, received}: send an alert, see it routed to the receiver, "
                    + "sent by each of its integrations (or the one named) and, at the address 'received', arrived; "
                    + "the same of its end"),
            Parameter(
                "alert",
                "{labels, receiver, state, since}: an alert with these labels is active for the receiver (state: firing) "
                    + "or gone (resolved), and the receiver was sent something since an earlier step registered "
                    + "'notifications'"),
        ]

    private let address: ServiceAddress
    private let timeout: Duration
    private let receivers: Set<String>?
    private let cluster: String?
    private let watchdog: String?
    private let alert: AlertExpectation?
    private let test: TestAlertPlan?

    init(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws {
        address = try ServiceAddress(arguments, environment, service: "alertmanager")
        timeout = try arguments.duration("timeout", default: .seconds(60))
        receivers = try arguments.strings("receivers").map(Set.init)
        cluster = try arguments.string("cluster")
        switch try arguments.string("watchdog", default: "true") {
        case "true", "yes": watchdog = "Watchdog"
        case "false", "no": watchdog = nil
        case let name: watchdog = name
        }
        alert = try AlertExpectation(arguments)
        test = try TestAlertPlan(arguments)
    }

    var probe: Probe? { address.probe }

    func perform(_ work: StepWork) async throws -> StepResult {
        if work.mode.checkMode { return .notInCheckMode }
        let alertmanager = try await address.reach(work).alertmanager
        let poll = try await address.poll(timeout, work)
        let asked = parts(alertmanager)
        var checks = try await poll.checks(waiting: work.progress) { try await Check.concurrently(asked) }
        if let test { checks += try await test.checks(alertmanager, HTTPClient(through: work.session), poll, work.progress) }
        var result = StepResult.verified(checks)
        // For a later step that asks what was sent since. What kept this one from counting, its checks have told.
        result.values["notifications"] = (try? await alertmanager.deliveries())?.registered
        return result
    }

    private func parts(_ alertmanager: AlertmanagerClient) -> [@Sendable () async throws -> [Check]] {
        var parts: [@Sendable () async throws -> [Check]] = []
        if let receivers { parts.append { try await ReceiversCheck(expected: receivers).run(with: alertmanager) } }
        if let cluster { parts.append { try await AlertmanagerClusterCheck(expected: cluster).run(with: alertmanager) } }
        if let watchdog { parts.append { try await AlertPresentCheck(name: watchdog).run(with: alertmanager) } }
        if let alert { parts.append { try await alert.checks(alertmanager) } }
        return parts
    }
}
