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

    /// A file that the next commit adds or changes.
    struct Staged {
        /// Relative to the repository.
        var path: String
        /// The name of its content.
        var object: String
    }

    /// What the next commit adds or changes, but for links and other repositories, which hold no content.
    static func staged() throws -> [Staged] {
        let words = ["diff", "--cached", "--raw", "--no-abbrev", "--no-renames", "--diff-filter=ACMT", "-z"]
        guard let output = run(words) else { throw Diagnostic(code: "no-repository", "not inside a git repository") }
        let fields = output.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        return try stride(from: 0, to: fields.count, by: 2).compactMap { index in
            // `:100644 100644 <old> <new> M`, then the path.
            let words = fields[index].split(separator: " ").map(String.init)
            guard words.count == 5, index + 1 < fields.count else {
                throw Diagnostic(code: "no-repository", "git's list of staged files can't be read")
            }
            return words[1].hasPrefix("100") ? Staged(path: fields[index + 1], object: words[3]) : nil
        }
    }

    /// - Throws: `Diagnostic` if git can't show it: what isn't seen must not pass
    static func content(of file: Staged) throws -> [UInt8] {
        if let bytes = run(["cat-file", "blob", file.object]) { return bytes }
        throw Diagnostic(
            code: "file-unreadable", "git can't show what is staged", at: SourceLocation(file: file.path),
            hints: ["stage it again with: git add"])
    }

    /// The repository's directory.
    static func root() throws -> String {
        guard let output = run(["rev-parse", "--show-toplevel"]) else {
            throw Diagnostic(code: "no-repository", "not inside a git repository")
        }
        return String(decoding: output, as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    private static func relative(_ path: String) throws -> String {
        let top = try root()
        guard path.hasPrefix(top + "/") else {
            throw Diagnostic(code: "no-repository", "'\(path)' is not in this git repository")
        }
        return String(path.dropFirst(top.count + 1))
    }

    /// Standard output; nil if git says no.
    private static func run(_ arguments: [String]) -> [UInt8]? {
        guard let result = try? LocalProgram(["git"] + arguments, maximumOutput: .max).run(), result.status == 0 else { return nil }
        return result.output
    }
}
