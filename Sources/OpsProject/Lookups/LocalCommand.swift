import Foundation
import OpsCore

/// A command that a lookup runs on this machine.
struct LocalCommand {
    private static let deadline: Duration = .seconds(60)
    private static let maximumOutput = 16 << 20

    private let command: String

    init(_ command: String) { self.command = command }

    /// Standard output without white space at its end.
    func output() throws(Diagnostic) -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        process.standardInput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        let timer = DispatchSource.makeTimerSource()
        timer.schedule(deadline: .now() + Self.deadline.seconds)
        timer.setEventHandler { process.terminate() }
        do { try process.run() } catch { throw failure("it can't be run") }
        timer.activate()
        defer { timer.cancel() }
        var data = Data()
        while let chunk = try? pipe.fileHandleForReading.read(upToCount: 65536), !chunk.isEmpty {
            data += chunk
            guard data.count <= Self.maximumOutput else {
                process.terminate()
                throw failure("it printed more than \(Self.maximumOutput >> 20) MB")
            }
        }
        process.waitUntilExit()
        guard process.terminationReason == .exit else {
            throw failure("it was killed, or took longer than \(Self.deadline.brief)")
        }
        guard process.terminationStatus == 0 else { throw failure("exit status \(process.terminationStatus)") }
        var text = String(decoding: data, as: UTF8.self)[...]
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    private func failure(_ reason: String) -> Diagnostic {
        Diagnostic(code: "lookup-command", "the command of this lookup failed: \(reason)")
    }
}
