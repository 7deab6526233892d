/// How much of a run is shown.
public struct ReportOptions: Sendable, Hashable {
    /// Also shows steps that were ok or skipped, every check, connections and all output.
    public var verbose: Bool
    /// Shows what changes inside files.
    public var showsDiff: Bool
    public var ending: Ending

    /// What the command shows of a run once it is over; the reporter leaves that out.
    public enum Ending: Sendable, Hashable {
        /// Counts per host and a sentence, by the reporter itself.
        case recap
        /// A `CheckTable`: steps with checks aren't shown one by one.
        case checkTable
        /// A `PlanText`: steps that would change something aren't shown one by one.
        case plan
    }

    public init(verbose: Bool = false, showsDiff: Bool = false, ending: Ending = .recap) {
        self.verbose = verbose
        self.showsDiff = showsDiff
        self.ending = ending
    }
}
