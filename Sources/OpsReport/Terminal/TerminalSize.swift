import Foundation

/// Columns and rows of a terminal; asked for anew at every redraw, as windows change.
public struct TerminalSize: Sendable, Hashable {
    public var columns: Int
    public var rows: Int

    /// Sizes below 20 by 4, as broken terminals report them, count as that.
    public init(columns: Int, rows: Int) {
        self.columns = max(20, columns)
        self.rows = max(4, rows)
    }

    /// The size of the terminal behind a file descriptor; nil if there is none.
    public static func of(descriptor: Int32) -> TerminalSize? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 else { return nil }
        // A terminal without a size, such as a serial console, says 0.
        return TerminalSize(
            columns: size.ws_col > 0 ? Int(size.ws_col) : 80, rows: size.ws_row > 0 ? Int(size.ws_row) : 24)
    }
}
