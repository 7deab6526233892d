import OpsCore

/// Names one step on one host within a run.
struct StepOnHost: Hashable {
    var host: String
    var step: Int

    init(_ ref: Event.StepRef) {
        host = ref.host
        step = ref.step
    }
}

/// The clock that reporters measure with when no other is given.
public enum RunClock {
    private static let origin = ContinuousClock.now

    /// Time since the program first asked.
    @Sendable public static func now() -> Duration { ContinuousClock.now - origin }
}
