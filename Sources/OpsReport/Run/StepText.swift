import OpsCore

/// The lines that say how a step ended on a host, without the host's name.
struct StepText {
    var style: OutputStyle
    var options: ReportOptions
    var diagnostics: DiagnosticText
    /// In check mode nothing has changed; it would.
    var checkMode = false

    /// Whether an engineer wants to see it: what changed, failed or was checked, and what was asked to be said.
    func isShown(_ finished: Event.StepFinished) -> Bool {
        switch options.ending {
        case .checkTable where !finished.checks.isEmpty: return options.verbose
        case .plan where finished.outcome == .changed: return options.verbose
        default: break
        }
        return switch finished.outcome {
        case .changed, .failed, .unreachable: true
        case .skipped: options.verbose
        case .ok: options.verbose || finished.isMessage || !finished.checks.isEmpty
        }
    }

    /// `changed  Push the configuration: 31 files (1.2 s)`
    func headline(_ finished: Event.StepFinished) -> String {
        let (word, role) = outcome(finished)
        var text =
            style.paint(TerminalText.pad(word, to: wordWidth), role) + "  " + finished.ref.title(item: finished.item)
        let summary = summary(finished)
        if !summary.isEmpty { text += ": " + summary }
        if finished.seconds >= (options.verbose ? 0 : 1) {
            text += " " + style.paint("(\(Phrase.time(finished.seconds)))", .quiet)
        }
        return text
    }

    /// What stands beneath the headline: changes, failed checks, output, diagnostic.
    func details(_ finished: Event.StepFinished) -> [String] {
        StepDetails(text: self).lines(finished)
    }

    var wordWidth: Int { checkMode ? 12 : 7 }

    private func outcome(_ finished: Event.StepFinished) -> (word: String, role: OutputStyle.Role?) {
        switch finished.outcome {
        case .ok: finished.isMessage ? ("says", .accent) : ("ok", .good)
        case .changed: (checkMode ? "would change" : "changed", .changed)
        case .skipped: ("skipped", .quiet)
        case .failed where finished.ignored: ("ignored", .warning)
        case .failed where finished.rescued: ("rescued", .warning)
        case .failed: ("failed", .bad)
        case .unreachable where finished.ignored: ("ignored", .warning)
        case .unreachable where finished.rescued: ("rescued", .warning)
        case .unreachable: ("unreachable", .bad)
        }
    }

    /// Checks counted, and the first line of the reason.
    private func summary(_ finished: Event.StepFinished) -> String {
        var parts: [String] = []
        if !finished.checks.isEmpty { parts.append(CheckCount(finished.checks).text) }
        let reason = finished.reason.prefix { !$0.isNewline }
        if !reason.isEmpty { parts.append(TerminalText.line(reason, limit: 500)) }
        return parts.joined(separator: "; ")
    }
}

extension Event.StepRef {
    /// The step's name, marked if it is a handler, with the loop's item.
    func title(item: String? = nil) -> String {
        let name = TerminalText.line(self.name.isEmpty ? module : self.name, limit: 200)
        let title = isHandler ? "handler " + name : name
        return item.map { "\(title) (\(TerminalText.line($0, limit: 200)))" } ?? title
    }
}

extension Event.StepFinished {
    /// Whether the step exists to say something: its output is shown though nothing happened.
    var isMessage: Bool { ref.module == "debug" && outcome == .ok }

    /// What the step says of itself, else what its diagnostic says.
    var reason: String { message.isEmpty ? diagnostic?.message ?? "" : message }

    var isFailure: Bool { outcome == .failed || outcome == .unreachable }
}
