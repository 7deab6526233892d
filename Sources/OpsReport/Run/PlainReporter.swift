import OpsCore

/// Reports a run to a log: whole lines, each with its host, nothing redrawn.
public actor PlainReporter: Reporter {
    /// A waiting step says so this often.
    public static let progressInterval = Duration.seconds(10)

    private let progress: Sink
    private let result: Sink
    private let options: ReportOptions
    private let style: OutputStyle
    private let now: @Sendable () -> Duration
    private var step: StepText
    private var hosts = HostColumn()
    private var tally = RunTally()
    private var loops = LoopItems()
    /// When each running step started or last said what it waits for.
    private var lastSaid: [StepOnHost: Duration] = [:]
    private var started: [StepOnHost: Duration] = [:]

    /// - Parameters:
    ///   - progress: takes what happens; standard error, usually.
    ///   - result: takes the recap; standard output unless that carries JSON.
    ///   - now: time since any fixed moment.
    public init(
        progress: Sink, result: Sink, options: ReportOptions = ReportOptions(), diagnostics: DiagnosticText,
        now: @escaping @Sendable () -> Duration = RunClock.now
    ) {
        self.progress = progress
        self.result = result
        self.options = options
        self.style = diagnostics.style
        self.now = now
        step = StepText(style: diagnostics.style, options: options, diagnostics: diagnostics)
    }

    public func report(_ event: Event) {
        tally.add(event)
        switch event {
        case .runStarted(let start):
            step.checkMode = start.checkMode
            progress.write(RunText(style: style).start(start) + "\n")
        case .playStarted(let play):
            play.hosts.forEach { hosts.widen(for: $0) }
            progress.write(RunText(style: style).play(play) + "\n")
        case .hostConnected(let connected):
            if options.verbose { write(connected.host, [RunText(style: style).connected(connected)]) }
        case .stepStarted(let ref):
            started[StepOnHost(ref)] = now()
            lastSaid[StepOnHost(ref)] = now()
        case .stepProgress(let progress): waiting(progress)
        case .stepFinished(let finished): self.finished(finished)
        case .notice(let notice): write(notice.host, step.diagnostics.lines(notice.diagnostic))
        case .runFinished(let end):
            let recap = RecapText(style: style, options: options)
            progress.write("\n")
            result.write(recap.lines(end, tally).map { $0 + "\n" }.joined())
        }
    }

    public func finish() {}

    private func finished(_ finished: Event.StepFinished) {
        if finished.item == nil {
            started[StepOnHost(finished.ref)] = nil
            lastSaid[StepOnHost(finished.ref)] = nil
        }
        guard !loops.haveTold(finished), step.isShown(finished) else { return }
        loops.tell(finished)
        write(finished.ref.host, [step.headline(finished)] + step.details(finished).map { "  " + $0 })
    }

    private func waiting(_ waiting: Event.StepProgress) {
        let key = StepOnHost(waiting.ref)
        let now = now()
        guard now - lastSaid[key, default: .zero] >= Self.progressInterval else { return }
        lastSaid[key] = now
        let elapsed = started[key].map { " " + style.paint("(\(Phrase.elapsed(now - $0)))", .quiet) } ?? ""
        let word = TerminalText.pad("waiting", to: step.wordWidth)
        write(
            waiting.ref.host,
            ["\(word)  \(waiting.ref.title()): \(TerminalText.line(waiting.message, limit: 500))\(elapsed)"])
    }

    private func write(_ host: String?, _ lines: [String]) {
        if let host { hosts.widen(for: host) }
        let prefix = host.map(hosts.prefix) ?? ""
        progress.write(lines.map { prefix + $0 + "\n" }.joined())
    }
}
