import OpsCore

/// All that is to be verified about one Prometheus, asked at the same time.
public struct PrometheusVerification: Sendable {
    public var targets: TargetsCheck?
    public var configuration: ConfigurationCheck?
    public var rules: RulesCheck?
    public var alertmanagers: AlertmanagersCheck?
    public var retention: RetentionCheck?
    public var queries: [QueryCheck]

    /// What is nil is not asked.
    public init(
        targets: TargetsCheck? = nil, configuration: ConfigurationCheck? = nil, rules: RulesCheck? = nil,
        alertmanagers: AlertmanagersCheck? = nil, retention: RetentionCheck? = nil, queries: [QueryCheck] = []
    ) {
        self.targets = targets
        self.configuration = configuration
        self.rules = rules
        self.alertmanagers = alertmanagers
        self.retention = retention
        self.queries = queries
    }

    /// Asks once; poll.
    public func run(with prometheus: PrometheusClient) async throws -> [Check] {
        var parts: [@Sendable () async throws -> [Check]] = []
        if let configuration { parts.append { try await configuration.run(with: prometheus) } }
        if let retention { parts.append { try await retention.run(with: prometheus) } }
        if let rules { parts.append { try await rules.run(with: prometheus) } }
        if let alertmanagers { parts.append { try await alertmanagers.run(with: prometheus) } }
        if let targets { parts.append { try await targets.run(with: prometheus) } }
        for query in queries { parts.append { try await query.run(with: prometheus) } }
        return try await Check.concurrently(parts)
    }
}
