import OpsCore

/// Gives every event to several reporters, in the order given here.
public struct TeeReporter: Reporter {
    private let reporters: [any Reporter]

    public init(_ reporters: [any Reporter]) { self.reporters = reporters }

    public func report(_ event: Event) async {
        for reporter in reporters { await reporter.report(event) }
    }

    public func finish() async {
        for reporter in reporters { await reporter.finish() }
    }
}
