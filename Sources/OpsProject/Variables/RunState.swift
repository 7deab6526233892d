/// What the run knows of itself; the source of magic variables.
public struct RunState: Sendable {
    public var checkMode = false
    public var diffMode = false
    public var forks = 5
    public var limit: String?
    public var runTags: [String] = ["all"]
    public var skipTags: [String] = []
    public var verbosity = 0
    /// Version of opsctl.
    public var version = ""
    /// Hosts of the play, before any failed.
    public var playHostsAll: [String] = []
    /// Hosts of the play that are not failed or unreachable.
    public var playHosts: [String] = []
    /// Those of them in the current batch.
    public var playBatch: [String] = []

    public init() {}
}
