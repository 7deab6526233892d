import OpsCore

/// An expression of the query language gives what is expected.
public struct QueryCheck: Sendable {
    /// What an expression has to give.
    public enum Expectation: Sendable, Hashable, CustomStringConvertible {
        /// At least one series.
        case any
        /// No series.
        case empty
        /// At least one series, and every one compares so.
        case all(Comparison, Double)

        public enum Comparison: String, Sendable, CaseIterable {
            // Longer ones first, as they begin with the shorter ones.
            case atLeast = ">=", atMost = "<=", equal = "==", notEqual = "!=", above = ">", below = "<"
        }

        /// Reads `any`, `empty`, `> 0`, `== 25`; a number alone is compared with `==`.
        public init?(_ text: String) {
            let text = text.filter { $0 != " " }
            switch text {
            case "any": self = .any
            case "empty": self = .empty
            default:
                let comparison = Comparison.allCases.first { text.hasPrefix($0.rawValue) }
                guard let number = Double(text.dropFirst(comparison?.rawValue.count ?? 0)) else { return nil }
                self = .all(comparison ?? .equal, number)
            }
        }

        public var description: String {
            switch self {
            case .any: "any series"
            case .empty: "no series"
            case .all(let comparison, let number): "\(comparison.rawValue) \(QueryCheck.text(number))"
            }
        }

        func holds(for value: Double) -> Bool {
            guard case .all(let comparison, let number) = self else { return self == .any }
            return switch comparison {
            case .atLeast: value >= number
            case .atMost: value <= number
            case .equal: value == number
            case .notEqual: value != number
            case .above: value > number
            case .below: value < number
            }
        }
    }

    /// How numbers are shown.
    public enum Unit: String, Sendable, CaseIterable { case none, bytes, percent, seconds }

    private static let mostSeries = 10

    private let name: String
    private let expression: String
    private let expectation: Expectation
    private let unit: Unit

    /// - Parameter name: for people, such as `requests counted`.
    public init(name: String, expression: String, expectation: Expectation, unit: Unit = .none) {
        self.name = name
        self.expression = expression
        self.expectation = expectation
        self.unit = unit
    }

    private var expected: String {
        guard case .all(let comparison, let number) = expectation else { return "\(expectation)" }
        return "\(comparison.rawValue) \(Self.text(number, unit))"
    }

    /// Asks once.
    public func run(with prometheus: PrometheusClient) async throws -> [Check] {
        try await checking("query", name, expected: expected) {
            try await prometheus.query(expression)
        } _: {
            [judge($0)]
        }
    }

    func judge(_ samples: [PrometheusSample]) -> Check {
        let wrong = samples.filter { !expectation.holds(for: $0.value) }
        let passes = wrong.isEmpty && (expectation == .empty || !samples.isEmpty)
        let shown = wrong.first ?? samples.first
        let more = samples.count > 1 ? " (\(samples.count) series)" : ""
        let details = wrong.prefix(Self.mostSeries).map { sample in
            let labels = sample.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\($0.value)\"" }
            return HTTPResponse.excerpt("{\(labels.joined(separator: ", "))} \(Self.text(sample.value, unit))", limit: 300)
        }
        return Check(
            "query", name, expected: expected, actual: shown.map { Self.text($0.value, unit) + more } ?? "no series",
            passes: passes, details: passes ? [] : ["expression: \(expression)"] + details)
    }

    static func text(_ number: Double, _ unit: Unit = .none) -> String {
        switch unit {
        case .none: plain(number)
        case .percent: plain((number * 10).rounded() / 10) + " %"
        case .seconds where number.isFinite: Duration.seconds(number).brief
        case .seconds: plain(number)
        case .bytes: bytes(number)
        }
    }

    private static func bytes(_ number: Double) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        var (value, index) = (number, 0)
        while abs(value) >= 1024, index < units.count - 1 { (value, index) = (value / 1024, index + 1) }
        return plain((value * 10).rounded() / 10) + " " + units[index]
    }

    private static func plain(_ number: Double) -> String {
        Int(exactly: number).map(String.init) ?? "\((number * 1000).rounded() / 1000)"
    }
}
