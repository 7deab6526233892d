import OpsCore
import OpsMonitoring
import OpsProject

/// `prometheus`: it scrapes exactly the expected targets, all are up and export what they should; rules, configuration, alerting and
/// retention are as declared; expressions give what they should.
struct PrometheusModule: StepModule {
    static let name = "prometheus"
    static let isReadOnly = true
    static let parameters =
        ServiceAddress.parameters("prometheus") + ServiceAddress.loginParameters + [
            Parameter("targets", "all targets there must be: list of {job, instance, address}", aliases: ["expected_targets"]),
            Parameter(
                "exports",
                "list of {job, instance, metrics}: what is scraped there has these metrics, in a format that Prometheus 3 takes"),
            Parameter("expected_down", "targets that may be down: list of {job, instance}"),
            Parameter(
                "rules",
                "true: rules are loaded and healthy; or the list of all group names; or a mapping of groups to rules, "
                    + "each a name or {alert or record, expr, for, labels} as in a rule file"),
            Parameter("alertmanager", "address of the Alertmanager it must send to, or a list"),
            Parameter("retention", "how long data is kept, such as 30d"),
            Parameter("retention_size", "how much data is kept, such as 8GB"),
            Parameter("config_marker", "text that the running configuration must contain"),
            Parameter(
                "config_files",
                "mapping of files, as the container sees them, to their SHA-256: it must have read them, and since they changed last"),
            Parameter("queries", "list of {name, expr, expect, unit}; expect: any, empty, '> 0', '== 25'; unit: bytes, percent, seconds"),
        ]

    private let address: ServiceAddress
    private let timeout: Duration
    private let checks: [@Sendable (PrometheusClient) async throws -> [Check]]
    private let contracts: [MetricsContractCheck]
    private let configuration: RunningConfiguration?

    init(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws {
        address = try ServiceAddress(arguments, environment, service: "prometheus")
        timeout = try arguments.duration("timeout", default: .seconds(60))
        checks = try PrometheusExpectations(arguments).checks
        contracts = try PrometheusExpectations.contracts(arguments)
        configuration = try RunningConfiguration(arguments)
    }

    var probe: Probe? { address.probe }

    func perform(_ work: StepWork) async throws -> StepResult {
        if work.mode.checkMode { return .notInCheckMode }
        let client = try await address.reach(work).prometheus
        let poll = try await address.poll(timeout, work)
        let container = try await address.container(work)
        let (asked, configuration) = (checks, configuration)
        return .verified(try await poll.checks(waiting: work.progress) {
            let seen = try await configuration?.look(into: container, work)
            let first: @Sendable () async throws -> [Check] = { try await configuration?.checks(seen, client) ?? [] }
            let others = asked.map { check in { @Sendable in try await check(client) } }
            let last: @Sendable () async throws -> [Check] = { try await exports(client, container, work) }
            return try await Check.concurrently([first] + others + [last])
        })
    }

    /// Asks the targets themselves, from the host.
    private func exports(_ prometheus: PrometheusClient, _ container: StackSurvey.Container?, _ work: StepWork) async throws -> [Check] {
        guard !contracts.isEmpty else { return [] }
        let addresses = try await ScrapeAddresses.look(from: container, work)
        let http = HTTPClient(through: work.session)
        return try await Check.concurrently(contracts.map { contract in
            { try await contract.run(with: prometheus, http, at: addresses.endpoint) }
        })
    }
}
