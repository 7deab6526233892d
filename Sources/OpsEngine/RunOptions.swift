import OpsCore

/// What the command line says about a run.
public struct RunOptions: Sendable {
    /// `deploy`, `verify`, `run`: for the record.
    public var command = "run"
    public var checkMode = false
    public var diff = false
    public var tags: [String] = []
    public var skipTags: [String] = []
    /// Most hosts worked at once.
    public var forks = 50
    /// Most time for one command of a step, unless the step says otherwise.
    public var stepTimeout = Duration.seconds(600)
    /// Skip every step before the one of this name.
    public var startAtStep: String?
    /// A failed step doesn't keep the host from the later ones: for verification, where every check counts.
    public var goesOnAfterFailures = false

    public init() {}
}
