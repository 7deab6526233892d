import Foundation
import OpsCore
import OpsReport
import Synchronization

/// The one way to the user: results on standard output, everything else on standard error.
struct Console: Sendable {
    static let shared = Console()

    let environment: [String: String]
    let isOutputTerminal: Bool
    let isErrorTerminal: Bool

    private init() {
        environment = ProcessInfo.processInfo.environment
        isOutputTerminal = isatty(1) == 1
        isErrorTerminal = isatty(2) == 1 && environment["TERM"] != "dumb"
    }

    var outputStyle: OutputStyle { OutputStyle.detect(isTerminal: isOutputTerminal, environment: environment) }
    var errorStyle: OutputStyle { OutputStyle.detect(isTerminal: isErrorTerminal, environment: environment) }

    /// Columns of the terminal; 100 where there is none.
    var width: Int { TerminalSize.of(descriptor: 2)?.columns ?? 100 }

    /// A line of the result asked for.
    func out(_ text: String) { Sink.standardOutput.write(text + "\n") }

    /// A line for people.
    func say(_ text: String) { Sink.standardError.write(text + "\n") }

    /// Diagnostics with excerpts of the files that they're about.
    func show(_ diagnostics: [Diagnostic]) {
        guard !diagnostics.isEmpty else { return }
        Sink.standardError.write(diagnosticText.text(diagnostics))
    }

    /// How diagnostics are worded on standard error.
    var diagnosticText: DiagnosticText {
        DiagnosticText(style: errorStyle, width: width) { file in
            guard let data = FileManager.default.contents(atPath: file), data.count < 4 << 20 else { return nil }
            return String(decoding: data, as: UTF8.self)
        }
    }
}
