import Foundation
import OpsCore
import OpsProcess

/// Runs a program of the user's whose output is key material.
enum SecretProgram {
    /// Waits for it, as long as it takes: it may ask a person. Its standard error goes where ours goes.
    /// - Returns: standard output and exit status; 128 + n if signal n ended it
    /// - Throws: `Diagnostic` if it can't be started
    static func run(_ path: String, _ arguments: [String]) throws(Diagnostic) -> (output: [UInt8], status: Int32) {
        do throws(LocalProgram.Failure) {
            let result = try LocalProgram([URL(filePath: path).path] + arguments, input: .inherited, errors: .inherited).run()
            return (result.output, result.status)
        } catch {
            throw Diagnostic(code: "secret-program", "cannot run the program", at: SourceLocation(file: path))
        }
    }
}
