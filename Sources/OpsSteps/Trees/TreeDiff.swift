import Foundation
import OpsCore
import OpsTransport

/// Shows before and after of the text files that a push changes.
struct TreeDiff {
    var tree: DeclaredTree
    var destination: String

    /// Files larger than this, in bytes, are not shown.
    private static let largestFile = 128 << 10
    /// Bytes of old content fetched at most.
    private static let largestAnswer = 1 << 20

    /// Fills in the diffs; fetches the old content of changed files in one script.
    func add(to changes: inout [Change], _ work: StepWork) async throws {
        let updated = changes.filter { $0.action == .update && $0.summary.hasPrefix("content") }.compactMap(file)
        let old = try await oldContents(updated.map(\.path), work)
        for index in changes.indices {
            guard let file = file(changes[index]), !file.isSecret, file.content.count <= Self.largestFile,
                changes[index].action == .create || changes[index].summary.hasPrefix("content")
            else { continue }
            guard let new = String(validating: file.content, as: UTF8.self) else { continue }
            changes[index].diff = UnifiedDiff().text(
                before: changes[index].action == .create ? nil : old[file.path] ?? "", after: new, path: changes[index].resource)
        }
    }

    private func file(_ change: Change) -> DeclaredTree.File? {
        guard change.resource.hasPrefix(destination + "/") else { return nil }
        return tree[String(change.resource.dropFirst(destination.count + 1))].flatMap { $0.isSecret ? nil : $0 }
    }

    /// Each file's content behind a line that nothing in a file can look like, since it holds a random mark.
    private func oldContents(_ paths: [String], _ work: StepWork) async throws -> [String: String] {
        guard !paths.isEmpty else { return [:] }
        let mark = "opsctl-\(UInt64.random(in: .min ... .max))"
        let script = """
            cd -- \(ShellQuoting.quote(destination)) || exit
            for f in \(ShellQuoting.join(paths)); do
            [ "$(wc -c < "$f")" -le \(Self.largestFile) ] || continue
            printf '%s %s\\n' \(mark) "$f"; cat -- "$f"
            done
            """
        let answer = try await work.require(script, to: "read the files that change")
        guard answer.stdout.dropped == 0 else { return [:] }
        var contents: [String: String] = [:]
        for part in answer.stdout.text.components(separatedBy: mark + " ").dropFirst() {
            let name = part.prefix { $0 != "\n" }
            contents[String(name)] = String(part.dropFirst(name.count + 1))
        }
        return contents
    }
}
