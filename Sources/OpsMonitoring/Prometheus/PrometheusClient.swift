import Foundation
import OpsCore

/// Prometheus' HTTP API, version 1 (prometheus.io/docs/prometheus/latest/querying/api), from 2.40 on.
///
/// Every call throws `HTTPError`, `APIError`, or `TransportError` if the way to the host is gone.
public struct PrometheusClient: Sendable {
    private let api: API

    public init(http: HTTPClient, url: HTTPURL, credentials: HTTPCredentials? = nil) {
        api = API(service: "prometheus", http: http, base: url, credentials: credentials)
    }

    /// The targets that are scraped now.
    public func targets() async throws -> [PrometheusTarget] {
        struct Targets: Decodable, Sendable { var activeTargets: [PrometheusTarget]? }
        let data: Targets = try await get("/api/v1/targets", ["state": "active"])
        return data.activeTargets ?? []
    }

    public func ruleGroups() async throws -> [PrometheusRuleGroup] {
        struct Groups: Decodable, Sendable { var groups: [PrometheusRuleGroup]? }
        let data: Groups = try await get("/api/v1/rules")
        return data.groups ?? []
    }

    public func runtimeInfo() async throws -> PrometheusRuntimeInfo { try await get("/api/v1/status/runtimeinfo") }

    /// Seconds since the running configuration was read, both by Prometheus' own clock; nil if it doesn't say.
    public func configurationAge() async throws -> Double? {
        guard let read = try await runtimeInfo().configurationDate, let now = try await query("time()").first?.value
        else { return nil }
        return now - read.timeIntervalSince1970
    }

    public func buildVersion() async throws -> String {
        struct Build: Decodable, Sendable { var version: String }
        let data: Build = try await get("/api/v1/status/buildinfo")
        return data.version
    }

    /// The configuration that is loaded, as Prometheus writes it out: secrets masked, defaults filled in.
    public func configuration() async throws -> String {
        struct Configuration: Decodable, Sendable { var yaml: String }
        let data: Configuration = try await get("/api/v1/status/config")
        return data.yaml
    }

    /// The Alertmanagers that alerts are sent to, and those that discovery found but relabelling dropped.
    public func alertmanagers() async throws -> PrometheusAlertmanagers { try await get("/api/v1/alertmanagers") }

    /// The alerts that are pending or firing.
    public func alerts() async throws -> [PrometheusAlert] {
        struct Alerts: Decodable, Sendable { var alerts: [PrometheusAlert]? }
        let data: Alerts = try await get("/api/v1/alerts")
        return data.alerts ?? []
    }

    /// Evaluates an expression now, or at another time.
    public func query(_ expression: String, at time: Date? = nil) async throws -> [PrometheusSample] {
        let result: PrometheusQueryResult =
            if let time {
                try await get("/api/v1/query", ["query": expression, "time": String(time.timeIntervalSince1970)])
            } else {
                try await get("/api/v1/query", ["query": expression])
            }
        return result.samples
    }

    /// The expression as Prometheus writes it (from 2.40 on). One that it cannot parse is an `APIError` with the reason.
    public func formatted(_ expression: String) async throws -> String {
        try await get("/api/v1/format_query", ["query": expression])
    }

    /// Makes Prometheus read its configuration again (`--web.enable-lifecycle`). A configuration that
    /// is wrong is an `APIError` with the reason, and the old one stays.
    public func reload() async throws { try await api.send("POST", "/-/reload") }

    private func get<T: Decodable & Sendable>(
        _ path: String, _ query: KeyValuePairs<String, String> = [:]
    ) async throws -> T {
        let envelope: Envelope<T> = try await api.get(path, query: query)
        return envelope.data
    }
}

/// What every answer of the API stands in.
private struct Envelope<T: Decodable & Sendable>: Decodable, Sendable {
    var data: T
}
