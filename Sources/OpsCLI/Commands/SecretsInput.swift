import Foundation
import OpsCore

/// Values and files that the secrets commands are given.
enum SecretsInput {
    /// A value: all of standard input without its last line end, or the answer to a prompt.
    /// - Throws: `CommandFailure` that says how to give it
    static func value(for key: String) throws -> Secret {
        let secret = isatty(0) == 1 ? try Prompt.secret("Value of \(key):") : try standardInput()
        if let secret, !secret.isEmpty { return secret }
        throw CommandFailure(
            Diagnostic(
                code: "no-value", "no value for '\(key)'",
                hints: ["give it on standard input: pass show smtp | opsctl secrets set FILE \(key)", "or --generate it"]),
            status: .usage)
    }

    private static func standardInput() throws -> Secret? {
        guard let data = try FileHandle.standardInput.readToEnd() else { return nil }
        guard var text = String(validating: data, as: UTF8.self) else {
            throw CommandFailure(Diagnostic(code: "no-value", "the value on standard input is not UTF-8 text"), status: .usage)
        }
        // CR LF is one character, so both ends are meant.
        if text.last?.isNewline == true { text.removeLast() }
        return Secret(text)
    }

    /// A file's content, up to 16 MiB.
    /// - Throws: `Diagnostic`
    static func bytes(of path: String) throws -> [UInt8] {
        let location = SourceLocation(file: path)
        guard FileManager.default.fileExists(atPath: path) else {
            throw Diagnostic(code: "file-unreadable", "no such file", at: location)
        }
        guard let handle = FileHandle(forReadingAtPath: path), let data = try? handle.read(upToCount: (16 << 20) + 1) ?? Data() else {
            throw Diagnostic(code: "file-unreadable", "cannot read the file", at: location)
        }
        guard data.count <= 16 << 20 else { throw Diagnostic(code: "file-too-large", "larger than 16 MiB", at: location) }
        return Array(data)
    }
}
