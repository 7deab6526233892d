import OpsCore

/// What goes on at the moment, as lines for the bottom of the terminal.
struct RunningSteps {
    private struct Running {
        var title: String
        var started: Duration
        var message = ""
        /// Position of the host in the play, so that lines keep their places.
        var order: Int
        var key: StepOnHost
    }

    /// With more lines than this the screen is no longer calm: hosts at the same step share one.
    static let mostLines = 8

    private var running: [StepOnHost: Running] = [:]
    private var order: [String: Int] = [:]
    /// Hosts of the play of which nothing was heard yet, in order: they connect or wait for their turn.
    private var silent: [String] = []
    private var silentSince = Duration.zero
    private var known: Set<String> = []

    mutating func begin(play: Event.PlayStarted, at now: Duration) {
        for host in play.hosts where order[host] == nil { order[host] = order.count }
        silent = play.hosts.filter { !known.contains($0) }
        silentSince = now
    }

    mutating func heard(from host: String) {
        guard known.insert(host).inserted else { return }
        silent.removeAll { $0 == host }
    }

    mutating func start(_ ref: Event.StepRef, at now: Duration) {
        let key = StepOnHost(ref)
        running[key] = Running(title: ref.title(), started: now, order: order[ref.host] ?? .max, key: key)
    }

    mutating func wait(_ ref: Event.StepRef, for message: String) {
        running[StepOnHost(ref)]?.message = TerminalText.line(message, limit: 300)
    }

    mutating func end(_ ref: Event.StepRef) { running[StepOnHost(ref)] = nil }

    mutating func endAll() {
        running = [:]
        silent = []
    }
}

// MARK: - Lines

extension RunningSteps {
    /// One line per host and step, or per step when there are many; each fits into the terminal's width,
    /// and all of them leave room for what is printed above.
    func lines(_ hosts: HostColumn, wordWidth: Int, size: TerminalSize, now: Duration) -> [String] {
        let limit = max(1, min(Self.mostLines, size.rows - 2))
        let sorted = running.values.sorted {
            ($0.order, $0.key.host, $0.key.step) < ($1.order, $1.key.host, $1.key.step)
        }
        let places = limit - (silent.isEmpty ? 0 : 1)
        var rows = sorted.count <= places ? sorted.map(row) : grouped(sorted)
        if rows.count > places {
            let kept = max(0, places - 1)
            rows = rows.prefix(kept) + [rest(rows.dropFirst(kept))]
        }
        if !silent.isEmpty {
            let names = Phrase.names(silent.map { TerminalText.line($0, limit: 100) }, limit: 4)
            rows.append(Row(name: "", started: silentSince, text: "waiting for \(names)"))
        }
        return rows.prefix(limit).map { row in
            let elapsed = TerminalText.pad(Self.clock(now - row.started), to: wordWidth, right: true)
            return TerminalText.truncate("\(hosts.prefix(row.name))\(elapsed)  \(row.text)", to: size.columns - 1)
        }
    }

    private struct Row {
        var name: String
        var started: Duration
        var text: String
    }

    private func row(_ step: Running) -> Row {
        Row(
            name: step.key.host, started: step.started,
            text: step.title + (step.message.isEmpty ? "" : ": " + step.message))
    }

    private func grouped(_ sorted: [Running]) -> [Row] {
        Dictionary(grouping: sorted, by: \.key.step).sorted { $0.key < $1.key }.compactMap { _, steps in
            guard let slowest = steps.min(by: { $0.started < $1.started }) else { return nil }
            if steps.count == 1 { return row(slowest) }
            let names = Phrase.names(steps.map { TerminalText.line($0.key.host, limit: 100) }, limit: 4)
            return Row(name: "\(steps.count) hosts", started: slowest.started, text: "\(slowest.title) (\(names))")
        }
    }

    private func rest(_ rows: some Collection<Row>) -> Row {
        Row(name: "", started: rows.map(\.started).min() ?? .zero, text: "and \(rows.count) more")
    }

    /// `12 s`, `1:20`, `1:02:03`; empty in the first second.
    private static func clock(_ elapsed: Duration) -> String {
        func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
        let seconds = max(0, Int(elapsed.seconds))
        switch seconds {
        case 0: return ""
        case 1..<60: return "\(seconds) s"
        case 60..<3600: return "\(seconds / 60):\(two(seconds % 60))"
        default: return "\(seconds / 3600):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
        }
    }
}
