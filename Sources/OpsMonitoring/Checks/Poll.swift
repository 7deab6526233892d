import OpsCore

/// Asks again until the answer is good or the time is up.
public struct Poll: Sendable {
    /// How long in all. Zero asks once.
    public var timeout: Duration
    /// Between the end of one attempt and the beginning of the next; shorter at first.
    public var interval: Duration
    private let clock: any Clock<Duration>

    /// - Parameter clock: what measures and sleeps; tests put their own here.
    public init(
        timeout: Duration, interval: Duration = .seconds(2), clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.timeout = timeout
        self.interval = interval
        self.clock = clock
    }

    /// Repeats `attempt` until none of its checks fails or is unknown, and gives the last checks, each with the
    /// time that it took to get there.
    ///
    /// - Parameter waiting: told before each pause what is waited for, such as `prometheus health: 503`.
    /// - Throws: `CancellationError`.
    public func checks(
        waiting: @Sendable (String) async -> Void = { _ in }, _ attempt: @Sendable () async throws -> [Check]
    ) async throws -> [Check] {
        try await run(on: clock, waiting: waiting, attempt)
    }

    private func run<C: Clock<Duration>>(
        on clock: C, waiting: @Sendable (String) async -> Void, _ attempt: @Sendable () async throws -> [Check]
    ) async throws -> [Check] {
        let began = clock.now
        let deadline = began.advanced(by: timeout)
        var pause = min(interval, .milliseconds(100))
        var goodSince: [String: Double] = [:]
        while true {
            try Task.checkCancellation()
            var checks = try await attempt()
            let elapsed = began.duration(to: clock.now).seconds
            for index in checks.indices {
                let key = "\(checks[index].resource)\u{0}\(checks[index].property)"
                goodSince[key] = checks[index].isSettled ? goodSince[key] ?? elapsed : nil
                checks[index].seconds = goodSince[key] ?? elapsed
            }
            let open = checks.filter { !$0.isSettled }
            let left = clock.now.duration(to: deadline)
            guard let first = open.first, left > .zero else { return checks }
            let more = open.count > 1 ? " (and \(open.count - 1) more)" : ""
            await waiting("\(first.resource) \(first.property): \(first.actual)\(more)")
            try await clock.sleep(until: clock.now.advanced(by: min(pause, left)), tolerance: nil)
            pause = min(interval, pause * 1.6)
        }
    }
}
