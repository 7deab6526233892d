import Foundation
import OpsCore

/// Runs a program of the user's whose output is key material.
enum SecretProgram {
    /// Waits for it; its standard error goes where ours goes.
    /// - Returns: standard output and exit status; 128 + n if signal n ended it
    /// - Throws: `Diagnostic` if it can't be started
    static func run(_ path: String, _ arguments: [String]) throws(Diagnostic) -> (output: [UInt8], status: Int32) {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.standardOutput = output
        do { try process.run() } catch {
            throw Diagnostic(code: "secret-program", "cannot run the program", at: SourceLocation(file: path))
        }
        let data = (try? output.fileHandleForReading.readToEnd()) ?? Data()
        process.waitUntilExit()
        let base: Int32 = process.terminationReason == .exit ? 0 : 128
        return (Array(data), base + process.terminationStatus)
    }
}
