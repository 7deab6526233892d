import Foundation
import OpsCore
import OpsReport
import OpsSecrets
import OpsTransport

/// Why a command could not do its work: what to tell the user, and the exit status.
struct CommandFailure: Error {
    var diagnostics: [Diagnostic]
    var status: ExitStatus

    init(_ diagnostics: [Diagnostic], status: ExitStatus = .projectErrors) {
        self.diagnostics = diagnostics
        self.status = status
    }

    init(_ diagnostic: Diagnostic, status: ExitStatus = .projectErrors) { self.init([diagnostic], status: status) }

    init(_ error: DiagnosticError) { self.init(error.diagnostics) }

    /// From whatever a library threw.
    init(wrapping error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let error as DiagnosticError: self.init(error.diagnostics)
        case let diagnostic as Diagnostic: self.init(diagnostic)
        case let error as TransportError: self.init(error.diagnostic, status: error.exitStatus)
        case let error as BecomeError: self.init(error.diagnostic, status: .failed)
        case let error as AgeError: self.init(Diagnostic(code: "secret-age", error.description))
        case let error as VaultError: self.init(Diagnostic(code: "secret-vault", error.description))
        case is CancellationError: self.init([], status: .interrupted)
        default: self.init(Diagnostic(code: "internal", "\(error)"), status: .internalError)
        }
    }

    /// Whether an error is one of the program's own, and not of the argument parser.
    static func covers(_ error: any Error) -> Bool {
        error is CommandFailure || error is DiagnosticError || error is Diagnostic || error is TransportError
            || error is AgeError || error is VaultError || error is BecomeError || error is CancellationError
    }

    func report(_ console: Console, excerpts: Bool = true) { console.show(diagnostics, excerpts: excerpts) }
}

extension TransportError {
    var exitStatus: ExitStatus {
        switch self {
        case .cancelled: .interrupted
        case .timedOut, .channelRefused: .failed
        default: .unreachable
        }
    }
}

extension Opsctl {
    /// Ends the process without C's cleaning up: OpenSSL would take its state away from under the event loops
    /// that are still saying goodbye to hosts, and crash the program that had done its work.
    static func exit(withStatus status: ExitStatus) -> Never {
        fflush(nil)
        _exit(status.rawValue)
    }
}
