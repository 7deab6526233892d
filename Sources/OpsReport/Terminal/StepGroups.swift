import OpsCore

/// Joins what many hosts report of the same step: `29 hosts  changed  Push the stack`.
///
/// A result is held back until all hosts of the play are through its step, or nothing like it came for
/// a while. The first failure of a kind is never held back.
struct StepGroups {
    /// From this many hosts in a play on, results are joined.
    static let manyHosts = 6
    /// How long a step waits for further hosts.
    static let patience = Duration.seconds(2)

    private struct Step {
        var groups: [StepGroup] = []
        var lastAdded = Duration.zero
        /// Hosts that ended the step in any way.
        var through: Set<String> = []
        /// Failures shown in full, with the host they were shown for.
        var explained: [StepGroup.Likeness: String] = [:]
    }

    /// Whether diffs are shown, so that results with different ones aren't alike.
    var showsDiff: Bool
    private var steps: [Int: Step] = [:]
    private var gone: Set<String> = []
    private var hosts: Set<String> = []

    init(showsDiff: Bool) { self.showsDiff = showsDiff }

    mutating func begin(play: Event.PlayStarted) {
        hosts = Set(play.hosts)
        (steps, gone) = ([:], [])
    }

    /// Whether the play has so many hosts that their results are joined.
    var joins: Bool { hosts.count >= Self.manyHosts }

    /// Notes that a host is through a step, whether or not that is shown.
    mutating func note(_ finished: Event.StepFinished) {
        guard finished.item == nil else { return }
        steps[finished.ref.step, default: Step()].through.insert(finished.ref.host)
        if finished.endsHost { gone.insert(finished.ref.host) }
    }

    /// Takes a result that is to be shown. A failure that is the first of its kind is given back.
    mutating func add(_ finished: Event.StepFinished, at now: Duration) -> Event.StepFinished? {
        var step = steps[finished.ref.step, default: Step()]
        defer { steps[finished.ref.step] = step }
        let likeness = StepGroup.Likeness(finished, showsDiff: showsDiff)
        if finished.endsHost, step.explained[likeness] == nil {
            step.explained[likeness] = finished.ref.host
            return finished
        }
        step.lastAdded = now
        if let index = step.groups.firstIndex(where: { $0.likeness == likeness }) {
            step.groups[index].join(finished)
        } else {
            let shown = step.explained[likeness].map(finished.like) ?? finished
            step.groups.append(StepGroup(likeness: likeness, result: shown, hosts: [finished.ref.host]))
        }
        return nil
    }

    /// Gives the groups that are complete or have waited long enough, in the order of their steps.
    mutating func take(at now: Duration) -> [StepGroup] {
        let (hosts, gone) = (hosts, gone)
        return take { step in
            if now - step.lastAdded >= Self.patience { return true }
            // Sets are only compared when they can be complete: this runs for every event.
            return step.through.count + gone.count >= hosts.count && hosts.subtracting(gone).isSubset(of: step.through)
        }
    }

    /// Gives all that's left.
    mutating func takeAll() -> [StepGroup] { take { _ in true } }

    private mutating func take(where isDue: (Step) -> Bool) -> [StepGroup] {
        var due: [StepGroup] = []
        for (number, step) in steps.sorted(by: { $0.key < $1.key }) where !step.groups.isEmpty && isDue(step) {
            due += step.groups
            steps[number]?.groups = []
        }
        return due
    }
}
