import Foundation
import OpsCore
import OpsProcess

/// Reads from the git repository around the current directory.
enum SecretsGit {
    /// A file as it was at a revision; `:` before the path means as staged. Nil if it wasn't there.
    static func file(_ path: String, at revision: String) throws -> [UInt8]? {
        guard !revision.hasPrefix("-") else { throw Diagnostic(code: "usage", "not a revision: '\(revision)'") }
        let object = path.hasPrefix("/") ? try relative(path) : "./\(path)"
        if let bytes = run(["show", "\(revision):\(object)"]) { return bytes }
        if revision.isEmpty || run(["rev-parse", "--verify", "--quiet", "\(revision)^{commit}"]) != nil { return nil }
        throw Diagnostic(code: "unknown-revision", "git knows no revision '\(revision)' here", hints: ["'git log -- \(path)' lists them"])
    }

    /// Paths, relative to the repository, of what the next commit adds or changes.
    static func staged() throws -> [String] {
        guard let output = run(["diff", "--cached", "--name-only", "--diff-filter=ACMRT", "-z"]) else {
            throw Diagnostic(code: "no-repository", "not inside a git repository")
        }
        return output.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    /// A staged file's content; `path` is relative to the repository.
    static func stagedFile(_ path: String) -> [UInt8]? { run(["show", ":\(path)"]) }

    private static func relative(_ path: String) throws -> String {
        let top = run(["rev-parse", "--show-toplevel"]).map { String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .newlines) }
        guard let top, path.hasPrefix(top + "/") else { throw Diagnostic(code: "no-repository", "'\(path)' is not in this git repository") }
        return String(path.dropFirst(top.count + 1))
    }

    /// Standard output; nil if git says no.
    private static func run(_ arguments: [String]) -> [UInt8]? {
        guard let result = try? LocalProgram(["git"] + arguments, maximumOutput: .max).run(), result.status == 0 else { return nil }
        return result.output
    }
}
