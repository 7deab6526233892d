/// Columns and rows of a terminal; asked for anew at every redraw, as windows change.
public struct TerminalSize: Sendable, Hashable {
    public var columns: Int
    public var rows: Int

    /// Sizes below 20 by 4, as broken terminals report them, count as that.
    public init(columns: Int, rows: Int) {
        self.columns = max(20, columns)
        self.rows = max(4, rows)
    }
}
