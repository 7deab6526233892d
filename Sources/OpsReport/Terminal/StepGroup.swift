import OpsCore

/// Results of one step on several hosts that look the same.
struct StepGroup {
    /// What must be equal for two hosts' results to be shown as one.
    struct Likeness: Hashable {
        private var outcome: Outcome
        private var isIgnored: Bool
        private var isRescued: Bool
        private var item: String?
        private var changes: [Change]
        private var misses: [String]
        /// Of failures and messages: other texts may differ in sizes and times without being news.
        private var texts: [String]

        init(_ finished: Event.StepFinished, showsDiff: Bool) {
            outcome = finished.outcome
            isIgnored = finished.ignored
            isRescued = finished.rescued
            item = finished.item
            changes = finished.changes.map { Change($0.action, $0.resource, diff: showsDiff ? $0.diff : "") }
            misses = finished.checks.filter { $0.status == .fail || $0.status == .unknown }
                .map { "\($0.resource) \($0.property) \($0.actual)" }
            let matters = finished.isFailure || finished.isMessage
            texts = matters ? [finished.reason, finished.stdout, finished.stderr] : []
        }
    }

    let likeness: Likeness
    /// Stands for all: their checks together, the longest time, and the message if they all gave the same.
    private(set) var result: Event.StepFinished
    private(set) var hosts: [String]

    init(likeness: Likeness, result: Event.StepFinished, hosts: [String]) {
        self.likeness = likeness
        self.result = result
        self.hosts = hosts
    }

    mutating func join(_ other: Event.StepFinished) {
        hosts.append(other.ref.host)
        result.checks += other.checks
        result.seconds = max(result.seconds, other.seconds)
        if !result.isFailure, result.message != other.message { result.message = "" }
    }
}

extension Event.StepFinished {
    /// Whether the host's run ends here.
    var endsHost: Bool { isFailure && !ignored && !rescued }

    /// The result in short, when all of it was shown for another host.
    func like(host: String) -> Event.StepFinished {
        var short = self
        short.message = "the same as on \(host)"
        short.diagnostic = nil
        (short.stdout, short.stderr, short.changes, short.checks) = ("", "", [], [])
        short.ref.location = nil
        return short
    }
}
