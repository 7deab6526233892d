import OpsCore

/// Steps that take long, and when it was last said that they do.
struct LongSteps {
    /// A running step is mentioned this often.
    static let interval = Duration.seconds(10)
    /// When more than this are due at once, hosts at the same step share a line.
    private static let mostLines = 5

    private struct Running {
        var ref: Event.StepRef
        var started: Duration
        var lastSaid: Duration
        var message = ""
        /// In the order in which they started.
        var number: Int
    }

    private var running: [StepOnHost: Running] = [:]
    private var started = 0

    mutating func start(_ ref: Event.StepRef, at now: Duration) {
        started += 1
        running[StepOnHost(ref)] = Running(ref: ref, started: now, lastSaid: now, number: started)
    }

    mutating func wait(_ ref: Event.StepRef, for message: String) { running[StepOnHost(ref)]?.message = message }

    mutating func end(_ ref: Event.StepRef) { running[StepOnHost(ref)] = nil }

    /// What has to be said now: host, or how many, and what it waits for since when.
    mutating func due(at now: Duration) -> [(host: String, text: String, since: Duration)] {
        let due = running.filter { now - $0.value.lastSaid >= Self.interval }
        for key in due.keys { running[key]?.lastSaid = now }
        let sorted = due.values.sorted { $0.number < $1.number }
        guard sorted.count > Self.mostLines else {
            return sorted.map { step in
                let message = step.message.isEmpty ? "" : ": " + TerminalText.line(step.message, limit: 500)
                return (step.ref.host, step.ref.title() + message, now - step.started)
            }
        }
        let groups = Dictionary(grouping: sorted, by: \.ref.step).sorted { $0.key < $1.key }
        return groups.compactMap { _, steps in
            guard let first = steps.first else { return nil }
            let names = Phrase.names(steps.map { TerminalText.line($0.ref.host, limit: 100) }, limit: 8)
            return (Phrase.count(steps.count, "host"), "\(first.ref.title()) (\(names))", now - first.started)
        }
    }
}
