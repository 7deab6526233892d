import OpsCore

/// Every data source that must be there is there and healthy.
public struct DatasourcesCheck: Sendable {
    private let expected: Set<String>

    /// - Parameter expected: their uids.
    public init(expected: Set<String>) { self.expected = expected }

    /// Asks once.
    public func run(with grafana: GrafanaClient) async throws -> [Check] {
        var present: Set<String> = []
        var checks = try await checking("grafana", "data sources", expected: words(expected)) {
            Set(try await grafana.datasources().map(\.uid))
        } _: { found in
            present = found
            return [
                Check(
                    "grafana", "data sources", expected: words(expected), actual: words(found),
                    passes: expected.isSubset(of: found))
            ]
        }
        for uid in expected.sorted() {
            guard present.contains(uid) else {
                checks.append(Self.unknownHealth(uid, because: present.isEmpty ? checks[0].actual : "not there"))
                continue
            }
            checks += try await checking("data source \(uid)", "health", expected: "OK") {
                try await grafana.datasourceHealth(uid: uid)
            } _: { health in
                let message = HTTPResponse.excerpt(health.message ?? "", limit: 200)
                return [
                    Check(
                        "data source \(uid)", "health", expected: "OK",
                        actual: HTTPResponse.excerpt(health.status, limit: 40),
                        passes: health.status == "OK", details: health.message == nil ? [] : [message])
                ]
            }
        }
        return checks
    }

    /// The data sources as ones that nobody could ask for.
    public func unknown(because reason: String) -> [Check] {
        [.unknown("grafana", "data sources", expected: words(expected), because: reason)]
            + expected.sorted().map { Self.unknownHealth($0, because: reason) }
    }

    private static func unknownHealth(_ uid: String, because reason: String) -> Check {
        .unknown("data source \(uid)", "health", expected: "OK", because: reason)
    }

    private func words(_ uids: Set<String>) -> String {
        HTTPResponse.excerpt(uids.sorted().joined(separator: ", "), limit: 300)
    }
}
