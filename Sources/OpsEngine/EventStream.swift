import OpsCore

/// Hands events to the reporter one after the other, in the order they happened.
///
/// The masking of secrets stands here, so that no event passes it by.
public actor EventStream {
    private let reporter: any Reporter
    private let redactor: Redactor
    public init(_ reporter: any Reporter, redactor: Redactor) {
        self.reporter = reporter
        self.redactor = redactor
    }

    private var queue: [Event] = []
    private var isReporting = false

    func send(_ event: Event) async {
        queue.append(EventRedaction.redacted(event, redactor))
        // A reporter may suspend; events that come meanwhile wait their turn.
        guard !isReporting else { return }
        isReporting = true
        while !queue.isEmpty { await reporter.report(queue.removeFirst()) }
        isReporting = false
    }

    /// Waits until everything is reported, then ends the reporter.
    func finish() async {
        while isReporting { await Task.yield() }
        await reporter.finish()
    }
}
