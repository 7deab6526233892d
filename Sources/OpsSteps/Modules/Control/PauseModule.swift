import OpsCore

/// `pause`: lets time pass. It asks nobody, so it has no `prompt`.
struct PauseModule: StepModule {
    static let name = "pause"
    static let isReadOnly = true
    static let needsHost = false
    static let parameters = [
        Parameter("seconds", "how many seconds"),
        Parameter("minutes", "how many minutes"),
    ]

    private let time: Duration

    init(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws {
        let minutes = try arguments.int("minutes", default: 0)
        guard let whole = Duration(parsing: "\(minutes)m") else {
            throw arguments.complaint("minutes", code: "out-of-range", "'minutes' can't be \(minutes)")
        }
        time = whole + (try arguments.duration("seconds", default: .zero))
        guard time > .zero else {
            throw Diagnostic(
                code: "missing-argument", "'pause' needs 'seconds' or 'minutes'", at: arguments.location,
                hints: ["a pause without an end would wait for somebody at the keyboard"])
        }
    }

    func perform(_ work: StepWork) async throws -> StepResult {
        if work.mode.checkMode { return StepResult(skipReason: "there is nothing to wait for in check mode") }
        let began = ContinuousClock.now
        await work.progress("pausing for \(time.brief)")
        try await Task.sleep(for: time)
        return StepResult(
            message: "paused for \(time.brief)", values: ["delta": .int(Int((ContinuousClock.now - began).seconds.rounded()))])
    }
}
