import Foundation

/// Something that Prometheus scrapes.
public struct PrometheusTarget: Sendable, Hashable, Decodable {
    public var labels: [String: String]
    /// The labels before relabelling; `__address__` is the address as configured.
    public var discoveredLabels: [String: String]?
    public var scrapeUrl: String?
    /// `up`, `down`, or `unknown` before the first scrape.
    public var health: String
    /// Empty if the last scrape worked.
    public var lastError: String?

    public var job: String { labels["job"] ?? "" }
    public var instance: String { labels["instance"] ?? "" }
    /// `host:port` as in the configuration; for a probe, what is probed.
    public var address: String? { discoveredLabels?["__address__"] }
}

public struct PrometheusRuleGroup: Sendable, Hashable, Decodable {
    public struct Rule: Sendable, Hashable, Decodable {
        public var name: String
        /// `alerting` or `recording`.
        public var type: String?
        /// `ok`, `err`, or `unknown` before the first evaluation.
        public var health: String
        public var lastError: String?
        /// Of alerting rules: `inactive`, `pending`, `firing`.
        public var state: String?
        /// The expression as it was parsed, printed anew.
        public var query: String?
        /// Of alerting rules: seconds that it has to be pending.
        public var duration: Double?
        public var labels: [String: String]?
    }

    public var name: String
    public var file: String?
    public var rules: [Rule]
}

public struct PrometheusRuntimeInfo: Sendable, Hashable, Decodable {
    public var reloadConfigSuccess: Bool
    /// RFC 3339.
    public var lastConfigTime: String?
    public var startTime: String?
    public var corruptionCount: Int?
    /// Such as `30d` or `30d or 8GiB`.
    public var storageRetention: String?

    /// When the configuration was read that is in use.
    public var configurationDate: Date? {
        // Fractions of a second come with any number of digits, or not at all.
        lastConfigTime.flatMap { text in
            try? Date(text.replacing(#/\.\d+/#, with: ""), strategy: .iso8601)
        }
    }
}

public struct PrometheusAlertmanagers: Sendable, Hashable, Decodable {
    public struct Alertmanager: Sendable, Hashable, Decodable {
        public var url: String
    }

    public var activeAlertmanagers: [Alertmanager]
    public var droppedAlertmanagers: [Alertmanager]?
}

public struct PrometheusAlert: Sendable, Hashable, Decodable {
    public var labels: [String: String]
    /// `pending` or `firing`.
    public var state: String

    public var name: String { labels["alertname"] ?? "" }
}

/// One series' value.
public struct PrometheusSample: Sendable, Hashable {
    public var labels: [String: String]
    /// May be infinite or not a number.
    public var value: Double

    public init(labels: [String: String], value: Double) {
        self.labels = labels
        self.value = value
    }
}

/// A vector or a scalar; other types have no single value.
struct PrometheusQueryResult: Decodable, Sendable {
    var samples: [PrometheusSample]

    private enum Key: String, CodingKey { case resultType, result }

    private struct Series: Decodable {
        var metric: [String: String]
        var value: Value
    }

    /// `[1700000000.123, "42"]`
    private struct Value: Decodable {
        var number: Double

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            _ = try list.decode(Double.self)
            let text = try list.decode(String.self)
            guard let number = Double(text) else {
                throw DecodingError.dataCorruptedError(in: list, debugDescription: "not a number: \(text)")
            }
            self.number = number
        }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        switch try container.decode(String.self, forKey: .resultType) {
        case "vector":
            samples = try container.decode([Series].self, forKey: .result).map {
                PrometheusSample(labels: $0.metric, value: $0.value.number)
            }
        case "scalar":
            samples = [PrometheusSample(labels: [:], value: try container.decode(Value.self, forKey: .result).number)]
        case let type:
            throw DecodingError.dataCorruptedError(
                forKey: .resultType, in: container, debugDescription: "\(type) has no single value")
        }
    }
}
