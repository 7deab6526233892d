import Foundation
import OpsCore

/// Alertmanager's HTTP API, version 2 (its `api/v2/openapi.yaml`), from 0.22 on.
///
/// Every call throws `HTTPError`, `APIError`, or `TransportError` if the way to the host is gone.
public struct AlertmanagerClient: Sendable {
    private let api: API

    public init(http: HTTPClient, url: HTTPURL, credentials: HTTPCredentials? = nil) {
        api = API(service: "alertmanager", http: http, base: url, credentials: credentials)
    }

    public func status() async throws -> AlertmanagerStatus { try await api.get("/api/v2/status") }

    /// The names of all receivers in the configuration.
    public func receivers() async throws -> [String] {
        let list: [AlertmanagerReceiver] = try await api.get("/api/v2/receivers")
        return list.map(\.name)
    }

    /// The alerts that Alertmanager holds.
    /// - Parameter labels: only those with these values.
    public func alerts(matching labels: [String: String] = [:]) async throws -> [AlertmanagerAlert] {
        // The interface takes one `filter` for each label; a literal of pairs cannot be built in a loop.
        let filters = labels.sorted { $0.key < $1.key }.map { "filter=" + HTTPURL.escaped("\($0.key)=\"\(Self.escaped($0.value))\"") }
        let path = "/api/v2/alerts" + (filters.isEmpty ? "" : "?" + filters.joined(separator: "&"))
        return try await api.get(path)
    }

    /// Sends an alert, as Prometheus does. Sending it again with `ends` in the past resolves it.
    public func post(
        labels: [String: String], annotations: [String: String] = [:], starts: Date, ends: Date
    ) async throws {
        struct Alert: Encodable {
            var labels: [String: String]
            var annotations: [String: String]
            var startsAt: String
            var endsAt: String
        }
        let alert = Alert(
            labels: labels, annotations: annotations, startsAt: starts.ISO8601Format(), endsAt: ends.ISO8601Format())
        try await api.send("POST", "/api/v2/alerts", json: Array(JSONEncoder().encode([alert])))
    }

    /// Makes Alertmanager read its configuration again.
    public func reload() async throws { try await api.send("POST", "/-/reload") }

    /// How often each receiver was sent something since Alertmanager started. Requests are counted, not notifications:
    /// one that is tried again and again has not failed yet.
    public func deliveries() async throws -> Deliveries {
        let text = try await api.send("GET", "/metrics").text
        return Deliveries(
            requests: MetricsText.samples(of: "alertmanager_notification_requests_total", in: text),
            failed: MetricsText.samples(of: "alertmanager_notification_requests_failed_total", in: text))
    }

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}

public struct AlertmanagerStatus: Sendable, Hashable, Decodable {
    public struct Cluster: Sendable, Hashable, Decodable {
        /// `ready`, `settling`, or `disabled` for a single one.
        public var status: String
    }

    public struct Configuration: Sendable, Hashable, Decodable {
        /// The configuration that is loaded, secrets masked.
        public var original: String
    }

    public struct Version: Sendable, Hashable, Decodable {
        public var version: String
    }

    public var cluster: Cluster
    public var config: Configuration
    public var versionInfo: Version?
}

/// A receiver by its name.
public struct AlertmanagerReceiver: Sendable, Hashable, Decodable {
    public var name: String
}

public struct AlertmanagerAlert: Sendable, Hashable, Decodable {
    public struct Status: Sendable, Hashable, Decodable {
        /// `active`, `suppressed` or `unprocessed`.
        public var state: String
    }

    public var labels: [String: String]
    public var receivers: [AlertmanagerReceiver]
    public var status: Status
}
