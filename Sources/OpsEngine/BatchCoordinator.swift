import OpsCore

/// Where the hosts of a batch meet: barriers, `run_once`, and the end of everybody when errors are fatal.
actor BatchCoordinator {
    private var active: Set<String>
    private let size: Int
    private var failed = 0
    private var arrived: [Int: Set<String>] = [:]
    private var waiting: [Int: [CheckedContinuation<Void, Never>]] = [:]
    private var once: [Int: OnceState] = [:]
    /// Why the batch must end; nil while it goes on.
    private(set) var abortReason: String?

    private enum OnceState {
        case running([CheckedContinuation<StepRecord?, Never>])
        case done(StepRecord?)
    }

    init(hosts: [String]) {
        active = Set(hosts)
        size = hosts.count
    }

    /// A host that has ended no longer holds up the others.
    func leave(_ host: String, failed isFailure: Bool) {
        guard active.remove(host) != nil else { return }
        if isFailure { failed += 1 }
        for key in Array(waiting.keys) { openIfComplete(key) }
    }

    /// Ends the batch: every host stops before its next step.
    func abort(_ reason: String) {
        abortReason = abortReason ?? reason
        for key in Array(waiting.keys) { open(key) }
    }

    /// Ends the batch if more than a share of its hosts has failed. Unreachable hosts count: the hosts left
    /// would be changed with the same fault.
    func checkFailures(most percentage: Double) {
        guard Double(failed) * 100 > percentage * Double(size) else { return }
        abort("\(failed) of \(size) hosts failed, more than max_fail_percentage \(percentage) allows")
    }

    /// Waits until every host that still runs has come to this point.
    func arrive(_ host: String, at point: Int) async {
        guard abortReason == nil else { return }
        arrived[point, default: []].insert(host)
        if active.isSubset(of: arrived[point] ?? []) {
            open(point)
            return
        }
        await withCheckedContinuation { waiting[point, default: []].append($0) }
    }

    private func openIfComplete(_ point: Int) {
        if active.isSubset(of: arrived[point] ?? []) { open(point) }
    }

    private func open(_ point: Int) {
        waiting.removeValue(forKey: point)?.forEach { $0.resume() }
    }

    /// Who runs a `run_once` step.
    enum Claim: Sendable {
        /// The caller does; it must `publish` the record.
        case mine
        case theirs(StepRecord?)
    }

    /// The first host to come runs the step; the others wait for its record.
    func claim(_ step: Int) async -> Claim {
        switch once[step] {
        case .done(let record):
            return .theirs(record)
        case .running:
            let record = await withCheckedContinuation { continuation in
                if case .running(var others) = once[step] {
                    others.append(continuation)
                    once[step] = .running(others)
                } else {
                    continuation.resume(returning: nil)
                }
            }
            return .theirs(record)
        case nil:
            once[step] = .running([])
            return .mine
        }
    }

    func publish(_ record: StepRecord?, of step: Int) {
        if case .running(let others) = once[step] { others.forEach { $0.resume(returning: record) } }
        once[step] = .done(record)
    }
}
