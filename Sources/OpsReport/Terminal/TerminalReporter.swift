import OpsCore

/// Reports a run to a person at a terminal: calm lines for what changed, failed or was checked, and at
/// the bottom what goes on right now.
///
/// Run `animate` beside the run, so that times go on while nothing happens. `finish` must be called
/// however the run ends: it gives the cursor back.
public actor TerminalReporter: LiveReporter {
    /// Live lines are redrawn at most this often.
    public static let redrawInterval = Duration.milliseconds(100)

    private let progress: Sink
    private let result: Sink
    private let options: ReportOptions
    private let style: OutputStyle
    private let size: @Sendable () -> TerminalSize
    private let now: @Sendable () -> Duration
    private var step: StepText
    private var hosts = HostColumn()
    private var tally = RunTally()
    private var loops = LoopItems()
    private var running = RunningSteps()
    private var groups: StepGroups
    private var region = LiveRegion()
    private var lastDrawn: Duration?
    /// Printed before the first line of its play: plays in which nothing happens are not mentioned.
    private var pendingPlay: Event.PlayStarted?
    private var seenNotices: Set<Diagnostic> = []
    private var isSuspended = false

    /// - Parameters:
    ///   - progress: the terminal; standard error, usually.
    ///   - result: takes the recap; standard output unless that carries JSON.
    ///   - size: of the terminal, asked at every redraw.
    ///   - now: time since any fixed moment.
    public init(
        progress: Sink, result: Sink, options: ReportOptions = ReportOptions(), diagnostics: DiagnosticText,
        size: @escaping @Sendable () -> TerminalSize, now: @escaping @Sendable () -> Duration = RunClock.now
    ) {
        self.progress = progress
        self.result = result
        self.options = options
        self.style = diagnostics.style
        self.size = size
        self.now = now
        step = StepText(style: diagnostics.style, options: options, diagnostics: diagnostics)
        groups = StepGroups(showsDiff: options.showsDiff)
    }

    public func animate() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.redrawInterval)
            redraw()
        }
    }

    public func say(_ text: String) {
        show(TerminalText.block(text).flatMap { wrapped($0, hanging: 2) })
    }

    /// Gives the cursor back when there is no time for `finish`, as before the program kills itself.
    public static let restore = LiveRegion.showCursor

    /// Draws what goes on now, and prints results that waited long enough for others like them.
    public func redraw() { show(groups.take(at: now()).flatMap(lines)) }

    /// Takes the live lines away, as before a question to the user; `resume` brings them back.
    public func suspend() {
        draw([], above: "")
        isSuspended = true
    }

    public func resume() {
        isSuspended = false
        lastDrawn = nil
        redraw()
    }

    public func report(_ event: Event) {
        tally.add(event)
        switch event {
        case .runStarted(let start):
            step.checkMode = start.checkMode
            show(wrapped(RunText(style: style).start(start), hanging: 2))
        case .playStarted(let play): begin(play)
        case .hostConnected(let connected):
            running.heard(from: connected.host)
            let line = hosts.prefix(connected.host) + RunText(style: style).connected(connected)
            show(options.verbose ? [line] : [])
        case .stepStarted(let ref):
            running.heard(from: ref.host)
            running.start(ref, at: now())
            show([])
        case .stepProgress(let progress):
            running.wait(progress.ref, for: progress.message)
            show([])
        case .stepFinished(let finished): end(finished)
        case .notice(let notice): say(notice)
        case .runFinished(let end): recap(end)
        }
    }

    public func finish() {
        running.endAll()
        show(groups.takeAll().flatMap(lines))
        draw([], above: "")
    }

    private func begin(_ play: Event.PlayStarted) {
        show(groups.takeAll().flatMap(lines))
        play.hosts.forEach { hosts.widen(for: $0) }
        running.begin(play: play, at: now())
        groups.begin(play: play)
        if groups.joins { hosts.widen(for: Phrase.count(play.hosts.count, "host")) }
        pendingPlay = play
    }

    private func end(_ finished: Event.StepFinished) {
        running.heard(from: finished.ref.host)
        if finished.item == nil { running.end(finished.ref) }
        groups.note(finished)
        var shown: [String] = []
        if !loops.haveTold(finished), step.isShown(finished) {
            loops.tell(finished)
            let single = groups.joins ? groups.add(finished, at: now()) : finished
            if let single { shown = lines(single, host: single.ref.host) }
        }
        show(shown + groups.take(at: now()).flatMap(lines))
    }

    /// Every host has the same to say about the project; once is enough.
    private func say(_ notice: Event.Notice) {
        guard seenNotices.insert(notice.diagnostic).inserted else { return }
        let prefix = notice.host.map(hosts.prefix) ?? ""
        let lines = step.diagnostics.lines(notice.diagnostic)
        let indent = String(repeating: " ", count: prefix.isEmpty ? 0 : hosts.width + 2)
        show(lines.enumerated().flatMap { wrapped(($0 == 0 ? prefix : indent) + $1, hanging: indent.count + 2) })
    }

    private func recap(_ end: Event.RunFinished) {
        running.endAll()
        show(groups.takeAll().flatMap(lines))
        draw([], above: "\n")
        let recap = RecapText(style: style, options: options)
        let lines = recap.lines(end, tally).flatMap { wrapped($0, hanging: 2) }
        result.write(lines.map { $0 + "\n" }.joined())
    }
}

// MARK: - Lines

extension TerminalReporter {
    private func lines(_ group: StepGroup) -> [String] {
        guard group.hosts.count > 1 else { return lines(group.result, host: group.hosts.first ?? "") }
        let lines = lines(group.result, host: Phrase.count(group.hosts.count, "host"))
        guard group.hosts.count <= Self.mostNames else { return lines }
        let names = group.hosts.map { TerminalText.line($0, limit: 100) }.joined(separator: ", ")
        return lines + wrapped(hosts.indent + "  " + style.paint("on " + names, .quiet), hanging: hosts.width + 6)
    }

    private func lines(_ finished: Event.StepFinished, host: String) -> [String] {
        hosts.widen(for: host)
        let details = step.details(finished).flatMap { detail in
            let indent = detail.prefix { $0 == " " }.count
            return wrapped(hosts.indent + "  " + detail, hanging: hosts.width + 6 + indent)
        }
        let headline = hosts.prefix(host) + step.headline(finished)
        return wrapped(headline, hanging: hosts.width + 2 + step.wordWidth + 2) + details
    }

    private func wrapped(_ line: String, hanging: Int) -> [String] {
        LineWrap.rows(line, columns: size().columns, hanging: hanging)
    }

    /// Groups of more hosts are only counted.
    private static let mostNames = 8

    /// Prints lines for good, under their play's name, and draws the live lines anew; without lines it only
    /// draws, and not more often than is pleasant.
    private func show(_ lines: [String]) {
        let now = now()
        if lines.isEmpty, let lastDrawn, now - lastDrawn < Self.redrawInterval { return }
        var above = ""
        if !lines.isEmpty, let play = pendingPlay {
            above = wrapped(RunText(style: style).play(play), hanging: 2).map { $0 + "\n" }.joined()
            pendingPlay = nil
        }
        above += lines.map { $0 + "\n" }.joined()
        let size = size()
        let live = isSuspended ? [] : running.lines(hosts, wordWidth: step.wordWidth, size: size, now: now)
        draw(live, above: above)
    }

    private func draw(_ live: [String], above text: String) {
        lastDrawn = now()
        progress.write(region.draw(live, above: text, style: style, columns: size().columns))
    }
}
