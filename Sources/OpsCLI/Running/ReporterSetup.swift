import Foundation
import OpsCore
import OpsReport

/// Chooses how a run is told: to a person at a terminal, as plain lines, or as JSON; and keeps a record of it.
struct ReporterSetup {
    var output: OutputOptions
    var showsDiff: Bool
    var ending: ReportOptions.Ending
    var projectRoot: String
    /// False for what leaves no trace, such as `plan`.
    var records: Bool

    /// The parts of a run's report.
    struct Parts {
        var all: any Reporter
        /// Says what goes on while nothing happens; nil where a program reads.
        var live: (any LiveReporter)?
        var recorder: RunRecorder?
    }

    func make(_ console: Console) -> Parts {
        let options = ReportOptions(verbose: output.verbose, showsDiff: showsDiff, ending: ending)
        var live: (any LiveReporter)?
        let shown: any Reporter
        switch output.output {
        case .json:
            shown = JSONLinesReporter(.standardOutput)
        case .text where console.isErrorTerminal:
            let terminal = TerminalReporter(
                progress: .standardError, result: .standardOutput, options: options, diagnostics: console.diagnosticText(),
                size: { TerminalSize.of(descriptor: 2) ?? TerminalSize(columns: 80, rows: 24) })
            (shown, live) = (terminal, terminal)
        case .text:
            let plain = PlainReporter(
                progress: .standardError, result: .standardOutput, options: options, diagnostics: console.diagnosticText())
            (shown, live) = (plain, plain)
        }
        guard records else { return Parts(all: shown, live: live, recorder: nil) }
        let recorder = RunRecorder(RunRecord(project: URL(fileURLWithPath: projectRoot)))
        return Parts(all: TeeReporter([shown, recorder]), live: live, recorder: recorder)
    }

    /// `20261121T093000Z-3fa2`: sorts by time, and two runs in the same second differ.
    static func runID() -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "UTC")
        formatter.dateFormat = "yyyyMMdd'T'HHmmss'Z'"
        let tail = String(UInt16.random(in: .min ... .max), radix: 16)
        return formatter.string(from: Date()) + "-" + String(repeating: "0", count: 4 - tail.count) + tail
    }
}
