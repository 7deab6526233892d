import OpsCore

/// What stands beneath a step's headline.
struct StepDetails {
    var text: StepText

    private var style: OutputStyle { text.style }
    private var options: ReportOptions { text.options }

    /// The reason stands in the headline; here follow what changed, where it went wrong, what was printed
    /// and, last, what to do next.
    func lines(_ finished: Event.StepFinished) -> [String] {
        let explains = options.verbose || finished.endsHost
        let changes = ChangeText(style: style, showsDiff: options.showsDiff)
            .lines(finished.changes, all: options.showsDiff || options.verbose)
        var lines = reasonRest(finished) + changes + checks(finished.checks)
        if explains, var diagnostic = finished.diagnostic {
            // An excerpt of the step itself explains nothing; where it stands is said at the end.
            if diagnostic.location == finished.ref.location { diagnostic.location = nil }
            lines += cause(diagnostic, of: finished) + text.diagnostics.context(of: diagnostic)
        }
        if explains || finished.isMessage {
            lines += block("stdout", finished.stdout) + block("stderr", finished.stderr)
        }
        guard explains else { return lines }
        return lines + text.diagnostics.hints(of: finished.diagnostic) + stepPlace(finished)
    }

    /// The lines of the reason after the first, which the headline shows.
    private func reasonRest(_ finished: Event.StepFinished) -> [String] {
        let first = finished.reason.prefix { !$0.isNewline }
        return TerminalText.block(String(finished.reason[first.endIndex...].dropFirst()), limit: 60)
    }

    /// What the diagnostic says if the step's own message says something else.
    private func cause(_ diagnostic: Diagnostic, of finished: Event.StepFinished) -> [String] {
        diagnostic.message == finished.reason ? [] : TerminalText.block(diagnostic.message, limit: 40)
    }

    private func block(_ name: String, _ output: String) -> [String] {
        let lines = TerminalText.block(output, limit: options.verbose ? 200 : 20)
        return lines.isEmpty ? [] : [style.paint(name + ":", .quiet)] + lines.map { "  " + $0 }
    }

    /// Where the step is written, unless the diagnostic's trail has just said so.
    private func stepPlace(_ finished: Event.StepFinished) -> [String] {
        guard finished.outcome == .failed, let place = finished.ref.location else { return [] }
        let trail = finished.diagnostic?.trail ?? []
        if trail.contains(where: { $0.location?.file == place.file && $0.location?.line == place.line }) { return [] }
        return [style.paint("step at " + TerminalText.line(place.description), .quiet)]
    }

    private func checks(_ checks: [Check]) -> [String] {
        checks.flatMap { check -> [String] in
            let missed = check.status == .fail || check.status == .unknown
            guard missed || options.verbose else { return [] }
            return CheckText(style: style).lines(check, withDetails: missed)
        }
    }
}
