import OpsCore

/// Remembers what a loop's items told, so that its end doesn't say the same again.
struct LoopItems {
    private var told: [StepOnHost: Set<Outcome>] = [:]

    /// Whether this is the end of a loop one of whose shown items ended the same way.
    mutating func haveTold(_ finished: Event.StepFinished) -> Bool {
        guard finished.item == nil else { return false }
        return told.removeValue(forKey: StepOnHost(finished.ref))?.contains(finished.outcome) ?? false
    }

    mutating func tell(_ finished: Event.StepFinished) {
        if finished.item != nil { told[StepOnHost(finished.ref), default: []].insert(finished.outcome) }
    }
}
