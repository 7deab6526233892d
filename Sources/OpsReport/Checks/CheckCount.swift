import OpsCore

/// How many checks ended which way.
public struct CheckCount: Sendable, Hashable, Codable {
    public private(set) var passed = 0
    public private(set) var failed = 0
    public private(set) var skipped = 0
    public private(set) var unknown = 0

    public init(_ checks: some Sequence<Check> = []) {
        for check in checks { add(check) }
    }

    public mutating func add(_ check: Check) {
        switch check.status {
        case .pass: passed += 1
        case .fail: failed += 1
        case .skip: skipped += 1
        case .unknown: unknown += 1
        }
    }

    public var total: Int { passed + failed + skipped + unknown }

    /// Whether every check that was made passed.
    public var allPassed: Bool { failed == 0 && unknown == 0 }

    /// `38 checks passed`, `36 checks passed, 2 failed, 1 unknown`; empty if there were none.
    public var text: String {
        let counts = [(passed, "passed"), (failed, "failed"), (unknown, "unknown"), (skipped, "skipped")]
        return counts.filter { $0.0 > 0 }.enumerated().map { index, count in
            index == 0 ? "\(Phrase.count(count.0, "check")) \(count.1)" : "\(count.0) \(count.1)"
        }.joined(separator: ", ")
    }
}
