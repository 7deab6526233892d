import Foundation
import OpsCore

/// Loki's HTTP API (grafana.com/docs/loki/latest/reference/loki-http-api), from 2.9 on.
///
/// Every call throws `HTTPError`, `APIError`, or `TransportError` if the way to the host is gone.
public struct LokiClient: Sendable {
    /// A line with the time it was logged at.
    public struct Entry: Sendable, Hashable {
        /// Nanoseconds since 1970.
        public var time: Int64
        public var line: String

        public init(time: Int64, line: String) {
            self.time = time
            self.line = line
        }
    }

    private let api: API

    public init(http: HTTPClient, url: HTTPURL, credentials: HTTPCredentials? = nil) {
        api = API(service: "loki", http: http, base: url, credentials: credentials)
    }

    /// Adds lines to one stream.
    public func push(_ entries: [Entry], labels: [String: String]) async throws {
        struct Stream: Encodable {
            var stream: [String: String]
            var values: [[String]]
        }
        let stream = Stream(stream: labels, values: entries.map { [String($0.time), $0.line] })
        try await api.send(
            "POST", "/loki/api/v1/push", json: Array(JSONEncoder().encode(["streams": [stream]])), accepts: 204...204)
    }

    /// The lines that a query finds between two times, newest first.
    public func lines(_ query: String, from start: Date, to end: Date, limit: Int = 100) async throws -> [Entry] {
        let answer: LokiAnswer = try await api.get(
            "/loki/api/v1/query_range",
            query: [
                "query": query, "start": Self.nanoseconds(start), "end": Self.nanoseconds(end), "limit": String(limit),
            ])
        return answer.entries
    }

    /// The value of a metric query now, such as `sum(count_over_time({job="a"}[10m]))`; the sum of all its series,
    /// nil if there is none.
    public func value(_ query: String, at time: Date? = nil) async throws -> Double? {
        let answer: LokiAnswer =
            if let time {
                try await api.get("/loki/api/v1/query", query: ["query": query, "time": Self.nanoseconds(time)])
            } else {
                try await api.get("/loki/api/v1/query", query: ["query": query])
            }
        return answer.samples.isEmpty ? nil : answer.samples.reduce(0, +)
    }

    /// How many streams or series a query of either kind gives between two times; lines are not fetched, and a metric
    /// query is evaluated at both ends only: over hours of lines, every step costs.
    public func count(_ query: String, from start: Date, to end: Date) async throws -> Int {
        let step = max(1, Int(end.timeIntervalSince(start)))
        let answer: LokiAnswer = try await api.get(
            "/loki/api/v1/query_range",
            query: [
                "query": query, "start": Self.nanoseconds(start), "end": Self.nanoseconds(end), "limit": "1",
                "step": String(step),
            ])
        return answer.count
    }

    /// Its own metrics, in Prometheus' text format.
    func metrics() async throws -> String { try await api.send("GET", "/metrics").text }

    /// The configuration that is in use, as YAML.
    public func configuration() async throws -> String { try await api.send("GET", "/config").text }

    private static func nanoseconds(_ date: Date) -> String {
        // Whole microseconds: a Double holds no more digits of a time today.
        String(Int64(date.timeIntervalSince1970 * 1e6) * 1000)
    }
}

/// Streams of lines, or a vector of numbers.
private struct LokiAnswer: Decodable, Sendable {
    var entries: [LokiClient.Entry] = []
    var samples: [Double] = []
    /// Streams or series.
    var count = 0

    private enum Key: String, CodingKey { case data, resultType, result }
    private struct Stream: Decodable { var values: [[String]] }
    private struct Series: Decodable { var value: LokiNumber }
    private struct Matrix: Decodable { var metric: [String: String] }

    init(from decoder: any Decoder) throws {
        let data = try decoder.container(keyedBy: Key.self).nestedContainer(keyedBy: Key.self, forKey: .data)
        switch try data.decode(String.self, forKey: .resultType) {
        case "streams":
            let streams = try data.decode([Stream].self, forKey: .result)
            count = streams.count
            entries = streams.flatMap(\.values).compactMap { pair in
                guard pair.count >= 2, let time = Int64(pair[0]) else { return nil }
                return LokiClient.Entry(time: time, line: pair[1])
            }.sorted { $0.time > $1.time }
        case "vector":
            samples = try data.decode([Series].self, forKey: .result).map(\.value.number)
            count = samples.count
        case "matrix":
            count = try data.decode([Matrix].self, forKey: .result).count
        case let type:
            throw DecodingError.dataCorruptedError(
                forKey: .resultType, in: data, debugDescription: "\(type) was not asked for")
        }
    }
}

/// `[1700000000.123, "42"]`
private struct LokiNumber: Decodable {
    var number: Double

    init(from decoder: any Decoder) throws {
        var list = try decoder.unkeyedContainer()
        _ = try list.decode(Double.self)
        number = Double(try list.decode(String.self)) ?? .nan
    }
}
