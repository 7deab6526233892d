import OpsCore

/// Reports a run to a log: whole lines, each with its host, nothing redrawn.
///
/// A step that runs is mentioned every ten seconds, so that a log that stands still means something.
public actor PlainReporter: LiveReporter {
    private let progress: Sink
    private let result: Sink
    private let options: ReportOptions
    private let style: OutputStyle
    private let now: @Sendable () -> Duration
    private var step: StepText
    private var hosts = HostColumn()
    private var tally = RunTally()
    private var loops = LoopItems()
    private var running = LongSteps()

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
        case .stepStarted(let ref): running.start(ref, at: now())
        case .stepProgress(let progress):
            running.wait(progress.ref, for: progress.message)
            remind()
        case .stepFinished(let finished): self.finished(finished)
        case .notice(let notice): write(notice.host, step.diagnostics.lines(notice.diagnostic))
        case .runFinished(let end):
            let recap = RecapText(style: style, options: options)
            progress.write("\n")
            result.write(recap.lines(end, tally).map { $0 + "\n" }.joined())
        }
    }

    public func finish() {}

    public func animate() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(1))
            remind()
        }
    }

    public func say(_ text: String) {
        progress.write(TerminalText.block(text).map { $0 + "\n" }.joined())
    }

    /// Mentions the steps that run for long.
    public func remind() {
        for (host, text, since) in running.due(at: now()) {
            let word = TerminalText.pad("running", to: step.wordWidth)
            write(host, ["\(word)  \(text) " + style.paint("(\(Phrase.elapsed(since)))", .quiet)])
        }
    }

    private func finished(_ finished: Event.StepFinished) {
        if finished.item == nil { running.end(finished.ref) }
        guard !loops.haveTold(finished), step.isShown(finished) else { return }
        loops.tell(finished)
        write(finished.ref.host, [step.headline(finished)] + step.details(finished).map { "  " + $0 })
    }

    private func write(_ host: String?, _ lines: [String]) {
        if let host { hosts.widen(for: host) }
        let prefix = host.map(hosts.prefix) ?? ""
        progress.write(lines.map { prefix + $0 + "\n" }.joined())
    }
}
