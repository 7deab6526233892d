import OpsCore

/// What has to be remembered of a run to say at its end what happened.
struct RunTally {
    private(set) var checkMode = false
    private(set) var checks = CheckCount()

    mutating func add(_ event: Event) {
        switch event {
        case .runStarted(let start): checkMode = start.checkMode
        case .stepFinished(let finished) where !finished.ignored && !finished.rescued:
            finished.checks.forEach { checks.add($0) }
        default: break
        }
    }
}
