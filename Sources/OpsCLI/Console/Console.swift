import Foundation
import OpsCore
import OpsReport
import OpsSecrets
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

    /// The user's directory: `HOME`, as every other tool that shares key files sees it.
    var home: String { environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? NSHomeDirectory() }

    /// Columns of the terminal; 100 where there is none.
    var width: Int { TerminalSize.of(descriptor: 2)?.columns ?? 100 }

    /// A line of the result asked for.
    func out(_ text: String) { Sink.standardOutput.write(text + "\n") }

    /// A line for people.
    func say(_ text: String) { Sink.standardError.write(text + "\n") }

    /// Diagnostics with excerpts of the files that they're about.
    /// - Parameter excerpts: false for commands that work on plaintext: a line of the file could be a password.
    func show(_ diagnostics: [Diagnostic], excerpts: Bool = true) {
        guard !diagnostics.isEmpty else { return }
        let hidden = Set(diagnostics.filter { $0.code.hasPrefix("secret-") }.compactMap(\.location?.file))
        Sink.standardError.write(diagnosticText { excerpts && !hidden.contains($0) }.text(diagnostics))
    }

    /// How diagnostics are worded on standard error. Files below a directory `secrets` are never shown: they may be
    /// plain by mistake.
    func diagnosticText(showing isShown: @escaping @Sendable (_ file: String) -> Bool = { _ in true }) -> DiagnosticText {
        DiagnosticText(style: errorStyle, width: width) { file in
            guard isShown(file), !SecretPlaces.isSecret(file) else { return nil }
            guard let data = FileManager.default.contents(atPath: file), data.count < 4 << 20 else { return nil }
            return String(decoding: data, as: UTF8.self)
        }
    }
}
