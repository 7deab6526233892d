import OpsCore
import OpsProcess

/// A command that a lookup runs on this machine.
struct LocalCommand {
    private static let deadline: Duration = .seconds(60)
    private static let maximumOutput = 16 << 20

    private let command: String

    init(_ command: String) { self.command = command }

    /// Standard output without white space at its end.
    func output() throws(Diagnostic) -> String {
        let program = LocalProgram(["/bin/sh", "-c", command], deadline: Self.deadline, maximumOutput: Self.maximumOutput)
        let result: LocalProgram.Result
        do throws(LocalProgram.Failure) { result = try program.run() } catch {
            switch error {
            case .notStarted(let reason): throw failure("it can't be run: \(reason)")
            case .tooLong: throw failure("it took longer than \(Self.deadline.brief)")
            case .tooMuch: throw failure("it printed more than \(Self.maximumOutput >> 20) MB")
            }
        }
        guard result.status == 0 else { throw failure("exit status \(result.status)") }
        var text = String(decoding: result.output, as: UTF8.self)[...]
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    private func failure(_ reason: String) -> Diagnostic {
        Diagnostic(code: "lookup-command", "the command of this lookup failed: \(reason)")
    }
}
