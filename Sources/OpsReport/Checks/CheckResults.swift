import OpsCore

/// All checks of a run in order; text, JSON, JUnit and the Prometheus textfile are made from it.
public struct CheckResults: Sendable {
    /// A check with where it was made.
    public struct Entry: Sendable, Hashable {
        public var host: String
        /// Name of the step that made it.
        public var step: String
        public var check: Check

        public init(host: String, step: String, check: Check) {
            self.host = host
            self.step = step
            self.check = check
        }
    }

    public private(set) var entries: [Entry] = []

    public init(_ entries: [Entry] = []) { self.entries = entries }

    /// Takes the checks of a step. A step that failed or lost its host without having checked anything counts
    /// as one check that couldn't be made: a broken verification must not look green.
    public mutating func add(_ finished: Event.StepFinished) {
        guard !finished.ignored, !finished.rescued else { return }
        let name = finished.ref.name.isEmpty ? finished.ref.module : finished.ref.name
        if finished.isFailure, !finished.checks.contains(where: { $0.status == .fail || $0.status == .unknown }) {
            entries.append(Entry(host: finished.ref.host, step: name, check: Self.missed(finished, name)))
        }
        entries += finished.checks.map { Entry(host: finished.ref.host, step: name, check: $0) }
    }

    private static func missed(_ finished: Event.StepFinished, _ name: String) -> Check {
        let isLost = finished.outcome == .unreachable
        return Check(
            resource: isLost ? "host" : name, property: isLost ? "connection" : "step",
            expected: isLost ? "an answer" : "success", actual: finished.reason, status: isLost ? .unknown : .fail,
            seconds: finished.seconds, details: finished.stderr.isEmpty ? [] : [finished.stderr])
    }

    public var count: CheckCount { CheckCount(entries.map(\.check)) }

    /// The entries by host, hosts in the order in which they first came.
    var byHost: [(host: String, entries: [Entry])] {
        var order: [String] = []
        let grouped = Dictionary(grouping: entries, by: \.host)
        for entry in entries where !order.contains(entry.host) { order.append(entry.host) }
        return order.map { ($0, grouped[$0] ?? []) }
    }
}

/// Collects the checks of a run that goes on.
public actor CheckCollector: Reporter {
    public private(set) var results = CheckResults()

    public init() {}

    public func report(_ event: Event) {
        if case .stepFinished(let finished) = event { results.add(finished) }
    }

    public func finish() {}
}
