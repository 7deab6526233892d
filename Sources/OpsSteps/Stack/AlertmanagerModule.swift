import Foundation
import OpsCore
import OpsMonitoring

/// `alertmanager`: its receivers are the declared ones, the alert that always fires has come, and a test alert
/// reaches its receiver and is reported resolved.
struct AlertmanagerModule: StepModule {
    static let name = "alertmanager"
    /// A test alert ends by itself five minutes after it was sent.
    static let isReadOnly = true
    static let parameters =
        ServiceAddress.parameters("alertmanager") + [
            Parameter("receivers", "names of all receivers in its configuration"),
            Parameter("cluster", "state of its cluster: 'disabled' for a single one, 'ready' for one of several"),
            Parameter("watchdog", "the alert that always fires is there: true (default, 'Watchdog'), false, or its name"),
            Parameter(
                "test_alert",
                "{receiver, integration, labels, received}: send an alert, see it routed to the receiver, notified of by the integration (default webhook) and, at the address 'received', arrived and resolved"),
        ]

    private let address: ServiceAddress
    private let timeout: Duration
    private let receivers: Set<String>?
    private let cluster: String?
    private let watchdog: String?
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
        test = try TestAlertPlan(arguments)
    }

    var probe: Probe? { address.probe }

    func perform(_ work: StepWork) async throws -> StepResult {
        if work.mode.checkMode { return .notInCheckMode }
        let http = HTTPClient(through: work.session)
        let alertmanager = AlertmanagerClient(http: http, url: try await address.base(work))
        let poll = try await address.poll(timeout, work)
        var parts: [@Sendable () async throws -> [Check]] = []
        if let receivers { parts.append { try await ReceiversCheck(expected: receivers).run(with: alertmanager) } }
        if let cluster { parts.append { try await AlertmanagerClusterCheck(expected: cluster).run(with: alertmanager) } }
        if let watchdog { parts.append { try await AlertPresentCheck(name: watchdog).run(with: alertmanager) } }
        let asked = parts
        var checks = try await poll.checks(waiting: work.progress) { try await Check.concurrently(asked) }
        if let test { checks += try await test.checks(alertmanager, http, poll, work.progress) }
        return .verified(checks)
    }
}
