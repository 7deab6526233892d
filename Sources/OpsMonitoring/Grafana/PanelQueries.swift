import Foundation
import OpsCore

/// The expressions of a dashboard's panels, tried against Prometheus and Loki.
struct PanelQueries {
    /// Where expressions are tried; those of a source that is nil are left out.
    struct Sources: Sendable {
        var prometheus: PrometheusClient?
        var loki: LokiClient?
    }

    private struct Query: Sendable {
        var panel: String
        var expression: String
        var isLogQL: Bool
    }

    private struct Answer: Sendable {
        var panel: String
        var series = 0
        var error: String?
    }

    /// Expressions tried at once.
    private static let width = 8
    /// What a dashboard shows unless told otherwise.
    private static let range = 3600.0

    private let uid: String
    private let queries: [Query]
    private let optional: Set<String>

    init(_ dashboard: GrafanaDashboard, optional: Set<String>) {
        uid = dashboard.dashboard.uid
        self.optional = optional
        let variables = dashboard.variables
        queries = dashboard.panels.flatMap { panel in
            (panel.targets ?? []).compactMap { target in
                let type = target.datasource?.type ?? "prometheus"
                guard let expression = target.expr, !expression.isEmpty, target.hide != true,
                    ["prometheus", "loki"].contains(type)
                else { return nil }
                return Query(
                    panel: panel.title ?? "untitled", expression: Self.filled(expression, variables),
                    isLogQL: type == "loki")
            }
        }
    }

    /// One check for the dashboard: every panel has data, optional ones excepted.
    func check(_ sources: Sources) async throws -> Check {
        let asked = queries.filter { ($0.isLogQL ? sources.loki != nil : sources.prometheus != nil) }
        var answers: [Answer] = []
        for start in stride(from: 0, to: asked.count, by: Self.width) {
            let some = asked[start..<min(start + Self.width, asked.count)]
            try await withThrowingTaskGroup(of: Answer.self) { group in
                for query in some { group.addTask { try await Self.ask(query, sources) } }
                for try await answer in group { answers.append(answer) }
            }
        }
        return verdict(answers)
    }

    private func verdict(_ answers: [Answer]) -> Check {
        let panels = Set(answers.map(\.panel))
        let errors = answers.reduce(into: [String: String]()) { errors, answer in
            if let error = answer.error { errors[answer.panel] = error }
        }
        let empty = panels.filter { panel in
            errors[panel] == nil && !answers.contains { $0.panel == panel && $0.series > 0 }
        }
        let excused = empty.filter { optional.contains($0) || optional.contains("\(uid)/\($0)") }
        let required = empty.subtracting(excused).sorted()
        let details =
            errors.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" } + required.map { "\($0): no data" }
            + excused.sorted().map { "\($0): no data (optional)" }
        return Check(
            "dashboard \(uid)", "panels", expected: "\(panels.count - excused.count) of \(panels.count) with data",
            actual: "\(panels.count - empty.count - errors.count) with data",
            passes: required.isEmpty && errors.isEmpty,
            details: details.prefix(15).map { HTTPResponse.excerpt($0, limit: 300) })
    }

    private static func ask(_ query: Query, _ sources: Sources) async throws -> Answer {
        do {
            return Answer(panel: query.panel, series: try await count(query, sources))
        } catch let error as APIError {
            return Answer(panel: query.panel, error: error.brief)
        } catch let error as HTTPError {
            if case .cancelled = error { throw CancellationError() }
            return Answer(panel: query.panel, error: error.brief)
        }
    }

    private static func count(_ query: Query, _ sources: Sources) async throws -> Int {
        if query.isLogQL {
            let now = Date()
            return try await sources.loki?.count(query.expression, from: now.addingTimeInterval(-range), to: now) ?? 0
        }
        return try await sources.prometheus?.query(query.expression).count ?? 0
    }

    /// The expression with its variables filled in: Grafana's own by usual values, the dashboard's as given, one that
    /// nobody declares by anything.
    static func filled(_ expression: String, _ variables: [String: String]) -> String {
        let own = [
            "__rate_interval": "5m", "__interval": "1m", "__auto": "5m", "__range": "1h", "__range_s": "3600",
            "__interval_ms": "60000",
        ]
        return expression.replacing(#/\$(?:\{(?<long>\w+)(?::\w+)?\}|(?<short>[A-Za-z_]\w*))/#) { match in
            let name = String(match.long ?? match.short ?? "")
            return own[name] ?? variables[name] ?? ".*"
        }
    }
}
