import OpsCore

/// Prometheus scrapes exactly the targets it should, and every one is up.
public struct TargetsCheck: Sendable {
    /// A target by the labels that name it.
    public struct Target: Sendable, Hashable, Comparable, CustomStringConvertible {
        public var job: String
        public var instance: String

        public init(job: String, instance: String) {
            self.job = job
            self.instance = instance
        }

        public static func < (a: Target, b: Target) -> Bool { (a.job, a.instance) < (b.job, b.instance) }
        public var description: String { "\(job) \(instance)" }
    }

    /// Names shown in one check.
    private static let mostNames = 10

    private let expected: Set<Target>?
    private let expectedDown: Set<Target>

    /// - Parameters:
    ///   - expected: all that must be scraped; nil asks only that everything scraped is up.
    ///   - expectedDown: those of them that may be down for now.
    public init(expected: Set<Target>?, expectedDown: Set<Target> = []) {
        self.expected = expected
        self.expectedDown = expectedDown
    }

    /// Asks once. A target that was not scraped yet is `unknown`: poll.
    public func run(with prometheus: PrometheusClient) async throws -> [Check] {
        try await checking("prometheus", "targets", expected: expectation) {
            try await prometheus.targets()
        } _: {
            checks($0)
        }
    }

    /// Judges an answer.
    func checks(_ targets: [PrometheusTarget]) -> [Check] {
        // Two targets can share both labels; the worse one counts.
        let seen = Dictionary(targets.map { (Target(job: $0.job, instance: $0.instance), $0) }) { a, b in
            a.health == "up" ? b : a
        }
        let wanted = expected ?? Set(seen.keys)
        return [setCheck(Set(seen.keys))]
            + wanted.intersection(seen.keys).sorted().compactMap { key in seen[key].map { upCheck(key, $0) } }
    }

    private var expectation: String { expected.map { "\($0.count) targets" } ?? "targets" }

    private func setCheck(_ seen: Set<Target>) -> Check {
        guard let expected else {
            return Check(
                "prometheus", "targets", expected: "at least one", actual: "\(seen.count)", passes: !seen.isEmpty)
        }
        let missing = expected.subtracting(seen).sorted()
        let extra = seen.subtracting(expected).sorted()
        var parts = ["\(seen.count) targets"]
        if !missing.isEmpty { parts.append("\(missing.count) missing") }
        if !extra.isEmpty { parts.append("\(extra.count) not expected") }
        return Check(
            "prometheus", "targets", expected: expectation, actual: parts.joined(separator: ", "),
            passes: missing.isEmpty && extra.isEmpty,
            details: Self.names("missing", missing) + Self.names("not expected", extra))
    }

    private func upCheck(_ key: Target, _ target: PrometheusTarget) -> Check {
        let error = target.lastError ?? ""
        var check = Check(
            "target \(key)", "scrape", expected: "up", actual: HTTPResponse.excerpt(target.health, limit: 20),
            passes: target.health == "up",
            details: error.isEmpty ? [] : ["last error: \(HTTPResponse.excerpt(error, limit: 300))"])
        if target.health == "unknown" {
            check.status = .unknown
            check.actual = "not scraped yet"
        } else if check.status == .fail, expectedDown.contains(key) {
            check.status = .skip
            check.actual += " (expected for now)"
        }
        return check
    }

    private static func names(_ title: String, _ targets: [Target]) -> [String] {
        targets.prefix(mostNames).map { "\(title): \(HTTPResponse.excerpt("\($0)", limit: 200))" }
            + (targets.count > mostNames ? ["and \(targets.count - mostNames) more"] : [])
    }
}
