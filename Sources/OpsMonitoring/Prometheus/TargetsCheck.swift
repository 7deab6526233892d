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

    /// Seconds after a reload in which the old targets may still be shown: discovery hands its targets on every
    /// 5 s, and the scrapers take them up every 5 s (`updatert` in discovery/manager.go, `DiscoveryReloadInterval`
    /// in scrape/manager.go).
    static let takeUpTime = 11.0

    private let expected: Set<Target>?
    private let addresses: [Target: String]
    private let expectedDown: Set<Target>

    /// - Parameters:
    ///   - expected: all that must be scraped; nil asks only that everything scraped is up.
    ///   - addresses: where they must be scraped, as in the configuration; a target that isn't named may be anywhere.
    ///   - expectedDown: those of them that may be down for now.
    public init(expected: Set<Target>?, addresses: [Target: String] = [:], expectedDown: Set<Target> = []) {
        self.expected = expected
        self.addresses = addresses
        self.expectedDown = expectedDown
    }

    /// Asks once. A target that was not scraped yet is `unknown`, and so is the whole set just after a reload,
    /// when it may still be the old one: poll.
    public func run(with prometheus: PrometheusClient) async throws -> [Check] {
        try await checking("prometheus", "targets", expected: expectation) {
            (age: try await prometheus.configurationAge(), targets: try await prometheus.targets())
        } _: { answer in
            var checks = checks(answer.targets)
            if let age = answer.age, age < Self.takeUpTime, checks[0].status == .pass {
                checks[0].status = .unknown
                checks[0].actual += ", but the configuration was read only just now"
            }
            return checks
        }
    }

    /// Judges an answer: the set, how many are up, and a check for each that isn't.
    func checks(_ targets: [PrometheusTarget]) -> [Check] {
        // Two targets can share both labels; the worse one counts.
        let seen = Dictionary(targets.map { (Target(job: $0.job, instance: $0.instance), $0) }) { a, b in
            a.health == "up" ? b : a
        }
        let wanted = expected ?? Set(seen.keys)
        let each = wanted.intersection(seen.keys).sorted().compactMap { key in seen[key].map { upCheck(key, $0) } }
        let others = each.filter { $0.status != .pass }
        let up = each.count - others.count
        return [setCheck(Set(seen.keys))]
            + (up > 0 ? [Check("prometheus", "targets up", expected: "\(up)", actual: "\(up)", passes: true)] : []) + others
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
        if let address = addresses[key], let actual = target.address, actual != address {
            check.expected = "up at \(address)"
            check.actual = "scraped at \(HTTPResponse.excerpt(actual, limit: 100))"
            check.status = .fail
        } else if target.health == "unknown" {
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
