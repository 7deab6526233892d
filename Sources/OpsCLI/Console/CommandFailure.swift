import Foundation
import OpsCore
import OpsReport
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
    init(_ error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let error as DiagnosticError: self.init(error.diagnostics)
        case let diagnostic as Diagnostic: self.init(diagnostic)
        case let error as TransportError: self.init(error.diagnostic, status: error.exitStatus)
        case let error as BecomeError: self.init(error.diagnostic, status: .failed)
        case is CancellationError: self.init([], status: .interrupted)
        default: self.init(Diagnostic(code: "internal", "\(error)"), status: .internalError)
        }
    }

    func report(_ console: Console) { console.show(diagnostics) }
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
    static func exit(withStatus status: ExitStatus) -> Never { Foundation.exit(status.rawValue) }
}
