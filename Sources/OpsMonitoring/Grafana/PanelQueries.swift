import OpsCore

/// The expressions of a dashboard's panels, tried against Prometheus.
struct PanelQueries {
    private struct Query: Sendable {
        var panel: String
        var expression: String
    }

    private struct Answer: Sendable {
        var panel: String
        var series = 0
        var error: String?
    }

    /// Expressions tried at once.
    private static let width = 8

    private let queries: [Query]
    private let optional: Set<String>

    init(_ panels: [GrafanaDashboard.Panel], optional: Set<String>) {
        self.optional = optional
        queries = panels.flatMap { panel in
            (panel.targets ?? []).compactMap { target in
                guard let expression = target.expr, !expression.isEmpty, target.hide != true,
                    target.datasource?.type ?? "prometheus" == "prometheus"
                else { return nil }
                return Query(panel: panel.title ?? "untitled", expression: Self.filled(expression))
            }
        }
    }

    /// One check for the dashboard: every panel has data, optional ones excepted.
    func check(_ uid: String, _ prometheus: PrometheusClient) async throws -> Check {
        var series: [String: Int] = [:]
        var errors: [String: String] = [:]
        for start in stride(from: 0, to: queries.count, by: Self.width) {
            let some = queries[start..<min(start + Self.width, queries.count)]
            try await withThrowingTaskGroup(of: Answer.self) { group in
                for query in some { group.addTask { try await Self.ask(query, prometheus) } }
                for try await answer in group {
                    series[answer.panel, default: 0] += answer.series
                    if let error = answer.error { errors[answer.panel] = error }
                }
            }
        }
        return verdict(uid, series: series, errors: errors)
    }

    private func verdict(_ uid: String, series: [String: Int], errors: [String: String]) -> Check {
        let panels = Set(queries.map(\.panel))
        let empty = panels.filter { series[$0, default: 0] == 0 && errors[$0] == nil }
        let required = empty.subtracting(optional).sorted()
        let details =
            errors.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" } + required.map { "\($0): no data" }
            + empty.intersection(optional).sorted().map { "\($0): no data (optional)" }
        return Check(
            "dashboard \(uid)", "panels", expected: "\(panels.count) with data",
            actual: "\(panels.count - empty.count - errors.count) with data",
            passes: required.isEmpty && errors.isEmpty,
            details: details.prefix(15).map { HTTPResponse.excerpt($0, limit: 300) })
    }

    private static func ask(_ query: Query, _ prometheus: PrometheusClient) async throws -> Answer {
        do {
            return Answer(panel: query.panel, series: try await prometheus.query(query.expression).count)
        } catch let error as APIError {
            return Answer(panel: query.panel, error: error.brief)
        } catch let error as HTTPError {
            if case .cancelled = error { throw CancellationError() }
            return Answer(panel: query.panel, error: error.brief)
        }
    }

    /// The expression with Grafana's variables filled in: its own by usual values, a dashboard's by "all".
    static func filled(_ expression: String) -> String {
        let own = [
            "__rate_interval": "5m", "__interval": "1m", "__range": "1h", "__range_s": "3600", "__interval_ms": "60000",
        ]
        return expression.replacing(#/\$(?:\{(?<long>\w+)(?::\w+)?\}|(?<short>\w+))/#) { match in
            own[String(match.long ?? match.short ?? "")] ?? ".*"
        }
    }
}
