/// How much of a run is shown.
public struct ReportOptions: Sendable, Hashable {
    /// Also shows steps that were ok or skipped, every check, connections and all output.
    public var verbose: Bool
    /// Shows what changes inside files.
    public var showsDiff: Bool
    /// Shows a line per step with checks. A command that ends with the table of checks doesn't need them.
    public var showsChecks: Bool

    public init(verbose: Bool = false, showsDiff: Bool = false, showsChecks: Bool = true) {
        self.verbose = verbose
        self.showsDiff = showsDiff
        self.showsChecks = showsChecks
    }
}
