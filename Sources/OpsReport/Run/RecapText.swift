import OpsCore

/// The end of a run: counts per host and one sentence.
struct RecapText {
    var style: OutputStyle
    var options = ReportOptions()

    /// From this many hosts on, those that are fine are counted together.
    static let manyHosts = 11

    /// Everything there is to say at the end. Where something else is shown of the run, only that it was cut short.
    func lines(_ end: Event.RunFinished, _ tally: RunTally) -> [String] {
        switch options.ending {
        case .recap: table(end.recap) + [sentence(end, tally)]
        case .checkTable, .plan: end.interrupted ? [sentence(end, tally)] : []
        }
    }

    /// `mon1  ok=12 changed=5 unreachable=0 failed=0 skipped=3 rescued=0 ignored=0`, aligned.
    func table(_ recaps: [HostRecap]) -> [String] {
        let folded = recaps.count >= Self.manyHosts && !options.verbose ? recaps.filter(\.isFine) : []
        let listed = folded.isEmpty ? recaps : recaps.filter { !$0.isFine }
        var rows = listed.map { (TerminalText.line($0.host, limit: 100), $0) }
        if !folded.isEmpty {
            let label = listed.isEmpty ? Phrase.count(folded.count, "host") : "\(folded.count) others"
            rows.append((label, folded.reduce(into: HostRecap(host: "")) { $0.add($1) }))
        }
        let nameWidth = rows.map { TerminalText.width($0.0) }.max() ?? 0
        let widths = Self.counts.map { count in rows.map { String(count.number($0.1)).count }.max() ?? 1 }
        return rows.map { name, recap in
            let cells = zip(Self.counts, widths).map { count, width in cell(count, recap, width) }
            let line = TerminalText.pad(name, to: nameWidth) + "  " + cells.joined(separator: " ")
            return recap.notStarted ? line + " " + style.paint("not started", .warning) : line
        }
    }

    private struct Count: Sendable {
        var name: String
        var role: OutputStyle.Role
        var number: @Sendable (HostRecap) -> Int
    }

    private static let counts = [
        Count(name: "ok", role: .good) { $0.ok },
        Count(name: "changed", role: .changed) { $0.changed },
        Count(name: "unreachable", role: .bad) { $0.unreachable },
        Count(name: "failed", role: .bad) { $0.failed },
        Count(name: "skipped", role: .accent) { $0.skipped },
        Count(name: "rescued", role: .warning) { $0.rescued },
        Count(name: "ignored", role: .warning) { $0.ignored },
    ]

    private func cell(_ count: Count, _ recap: HostRecap, _ width: Int) -> String {
        let number = count.number(recap)
        let text = TerminalText.pad("\(count.name)=\(number)", to: count.name.count + 1 + width)
        return style.paint(text, number == 0 ? .quiet : count.role)
    }
}

// MARK: - The sentence

extension RecapText {
    /// `2 hosts, nothing changed, 38 checks passed in 4.2 s`
    func sentence(_ end: Event.RunFinished, _ tally: RunTally) -> String {
        var facts = [Phrase.count(end.recap.count, "host"), changes(end.recap, tally)]
        if tally.checks.total > 0 { facts.append(tally.checks.text) }
        var text = facts.joined(separator: ", ")
        if !end.interrupted { text += " in " + Phrase.time(end.seconds) }
        if options.verbose { text += ", " + Phrase.count(end.roundTrips, "round trip") }
        let trouble = trouble(end)
        guard !trouble.isEmpty else {
            return style.paint(text, tally.checks.allPassed ? .good : .bad)
        }
        return style.paint(trouble.joined(separator: ", ") + ":", .bad) + " " + text
    }

    private func changes(_ recaps: [HostRecap], _ tally: RunTally) -> String {
        let changed = recaps.reduce(0) { $0 + $1.changed }
        if tally.checkMode { return changed == 0 ? "nothing to change" : Phrase.count(changed, "change") + " to make" }
        return changed == 0 ? "nothing changed" : Phrase.count(changed, "change")
    }

    /// What went wrong and where, worst first.
    private func trouble(_ end: Event.RunFinished) -> [String] {
        func hosts(_ isMeant: (HostRecap) -> Bool) -> String? {
            let names = end.recap.filter(isMeant).map { TerminalText.line($0.host, limit: 100) }
            guard !names.isEmpty else { return nil }
            return names.count > 4 ? "\(names.count) hosts" : Phrase.list(names)
        }
        var parts: [String] = []
        if end.interrupted { parts.append("interrupted after " + Phrase.time(end.seconds)) }
        if let failed = hosts({ $0.failed > 0 }) { parts.append("failed on " + failed) }
        if let lost = hosts({ $0.unreachable > 0 }) { parts.append("could not reach " + lost) }
        if let waiting = hosts(\.notStarted) { parts.append("not started on " + waiting) }
        return parts
    }
}

extension HostRecap {
    /// Whether there is nothing to look at.
    var isFine: Bool { failed == 0 && unreachable == 0 && rescued == 0 && ignored == 0 && !notStarted }

    fileprivate mutating func add(_ other: HostRecap) {
        ok += other.ok
        changed += other.changed
        unreachable += other.unreachable
        failed += other.failed
        skipped += other.skipped
        rescued += other.rescued
        ignored += other.ignored
    }
}
