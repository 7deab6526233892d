import Foundation
import OpsCore

/// Prometheus runs the configuration that it was given.
public struct ConfigurationCheck: Sendable {
    private let marker: String?
    private let changed: Date?

    /// - Parameters:
    ///   - marker: text that the running configuration must contain, such as a hash among the external labels.
    ///   - changed: when its files were last changed, by its own clock; it has to have read them since.
    public init(marker: String? = nil, changed: Date? = nil) {
        self.marker = marker
        self.changed = changed
    }

    /// Asks once.
    public func run(with prometheus: PrometheusClient) async throws -> [Check] {
        let storage = ("prometheus", "storage", expected: Self.soundStorage)
        var checks = try await checking("prometheus", "configuration", expected: "loaded", others: [storage]) {
            try await prometheus.runtimeInfo()
        } _: {
            judge($0)
        }
        guard let marker else { return checks }
        checks += try await checking("prometheus", "running configuration", expected: marker) {
            try await prometheus.configuration()
        } _: { text in
            let found = text.contains(marker)
            return [
                Check(
                    "prometheus", "running configuration", expected: marker, actual: found ? marker : "another one",
                    passes: found, details: found ? [] : ["the files on the host are newer than what Prometheus runs"])
            ]
        }
        return checks
    }

    private static let soundStorage = "0 corruptions"

    private func judge(_ info: PrometheusRuntimeInfo) -> [Check] {
        let isOld = zip(info.configurationDate, changed).map { $0 < $1 } ?? false
        let actual =
            !info.reloadConfigSuccess
            ? "the last reload failed" : isOld ? "read at \(info.lastConfigTime ?? "?"), changed since" : "loaded"
        let corruptions = info.corruptionCount ?? 0
        return [
            Check(
                "prometheus", "configuration", expected: "loaded", actual: actual,
                passes: info.reloadConfigSuccess && !isOld),
            Check(
                "prometheus", "storage", expected: Self.soundStorage, actual: "\(corruptions) corruptions",
                passes: corruptions == 0),
        ]
    }
}

/// Data is kept for as long, and for as many bytes, as declared.
public struct RetentionCheck: Sendable {
    private let time: String?
    private let size: String?

    /// - Parameters:
    ///   - time: such as `30d`.
    ///   - size: such as `8GB`; Prometheus' units are powers of two either way.
    public init(time: String?, size: String? = nil) {
        self.time = time
        self.size = size
    }

    /// Asks once.
    public func run(with prometheus: PrometheusClient) async throws -> [Check] {
        let expected = [time, size].compactMap { $0 }.joined(separator: " or ")
        return try await declared(expected, prometheus) + oldest(prometheus)
    }

    /// A block goes once its newest sample is too old, and blocks are up to a tenth of the retention long.
    private func oldest(_ prometheus: PrometheusClient) async throws -> [Check] {
        guard let kept = time.flatMap({ Duration(parsing: $0) }) else { return [] }
        let limit = kept.seconds * 1.1 + 7200
        let expected = "at most \(Duration.seconds(limit).brief)"
        return try await checking("prometheus", "age of the oldest sample", expected: expected) {
            try await prometheus.query("time() - min(prometheus_tsdb_lowest_timestamp_seconds)").first?.value
        } _: { age in
            [
                Check(
                    resource: "prometheus", property: "age of the oldest sample", expected: expected,
                    actual: age.map { Duration.seconds(max($0, 0)).brief } ?? "not scraped yet",
                    status: age.map { $0 <= limit ? .pass : .fail } ?? .unknown)
            ]
        }
    }

    private func declared(_ expected: String, _ prometheus: PrometheusClient) async throws -> [Check] {
        try await checking("prometheus", "retention", expected: expected) {
            try await prometheus.runtimeInfo().storageRetention ?? ""
        } _: { actual in
            [
                Check(
                    "prometheus", "retention", expected: expected, actual: HTTPResponse.excerpt(actual, limit: 60),
                    passes: matches(actual))
            ]
        }
    }

    /// Prometheus writes durations and sizes its own way: `7d` becomes `1w`, `8GB` becomes `8GiB`.
    func matches(_ actual: String) -> Bool {
        let parts = actual.components(separatedBy: " or ")
        let times = parts.compactMap { Duration(parsing: $0) }
        let sizes = parts.filter { Duration(parsing: $0) == nil }.map(Self.unit)
        return times == [time].compactMap { $0 }.compactMap { Duration(parsing: $0) }
            && sizes == [size].compactMap { $0 }.map(Self.unit)
    }

    private static func unit(_ size: String) -> String { size.replacing("i", with: "").uppercased() }
}

/// Prometheus sends its alerts to the Alertmanagers it should.
public struct AlertmanagersCheck: Sendable {
    private let expected: Set<String>?

    /// - Parameter expected: `host:port` of each; nil asks for at least one.
    public init(expected: Set<String>? = nil) { self.expected = expected }

    /// Asks once.
    public func run(with prometheus: PrometheusClient) async throws -> [Check] {
        let words = expected.map { $0.sorted().joined(separator: ", ") } ?? "at least one"
        return try await checking("prometheus", "alertmanagers", expected: words) {
            try await prometheus.alertmanagers()
        } _: { answer in
            let active = Set(answer.activeAlertmanagers.map { Self.address($0.url) })
            let dropped = answer.droppedAlertmanagers ?? []
            return [
                Check(
                    "prometheus", "alertmanagers", expected: words,
                    actual: active.isEmpty
                        ? "none" : HTTPResponse.excerpt(active.sorted().joined(separator: ", "), limit: 300),
                    passes: expected.map { $0 == active && dropped.isEmpty } ?? !active.isEmpty,
                    details: dropped.prefix(10).map { "dropped: \(HTTPResponse.excerpt($0.url, limit: 200))" })
            ]
        }
    }

    private static func address(_ url: String) -> String {
        (try? HTTPURL(url)).map { "\($0.host):\($0.port)" } ?? url
    }
}

/// Both, or nothing.
private func zip<A, B>(_ a: A?, _ b: B?) -> (A, B)? {
    if let a, let b { (a, b) } else { nil }
}
