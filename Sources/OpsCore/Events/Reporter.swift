/// Takes events as they happen: terminal, plain text, JSON lines, run record.
public protocol Reporter: Sendable {
    /// Called in order, by one task at a time.
    func report(_ event: Event) async
    /// Called once, after the last event: flush and restore the terminal.
    func finish() async
}
