import Foundation
import OpsCore
import OpsTransport

/// A stack that runs on a host, with the catalogue that its compose file holds.
public struct DiscoveredStack: Sendable {
    public var directory: String
    public var catalogue: Catalogue
    public var survey: StackSurvey
    /// Id of the release that is live; nil for a stack that opsctl didn't push.
    public var release: String?

    private static let mark = "opsctl-stack"

    /// Finds the stacks on a host by the labels that compose gives their containers: one script.
    /// Only those whose compose file has `x-opsctl` count.
    public static func find(
        on session: HostSession, become: BecomeSettings?, timeout: Duration = .seconds(30)
    ) async throws -> [DiscoveredStack] {
        let answer = try await session.run(script, timeout: timeout, become: become)
        guard answer.succeeded else { throw answer.complaint(failing: "ask docker on \(session.peer)") }
        return try answer.stdout.text.components(separatedBy: mark + "\t").dropFirst().compactMap(stack)
    }

    /// For each compose project: its directory and file, the live release, the file's text, the containers.
    private static var script: String {
        """
        docker ps -a --filter label=com.docker.compose.project --format '{{.Label "com.docker.compose.project.working_dir"}}\t{{.Label "com.docker.compose.project.config_files"}}' > /dev/null || exit
        docker ps -a --filter label=com.docker.compose.project --format '{{.Label "com.docker.compose.project.working_dir"}}\t{{.Label "com.docker.compose.project.config_files"}}' | sort -u |
        while IFS='\t' read -r d f; do
        grep -q x-opsctl "$f" 2>/dev/null || continue
        printf '\(mark)\\t%s\\t%s\\t%s\\n' "$d" "$f" "$(readlink "$d/.opsctl/current" 2>/dev/null)"
        cat "$f"; echo; echo '\(mark)-containers'
        \(StackSurvey.script(directoryWord: "\"$d\""))
        done
        """
    }

    private static func stack(_ text: String) throws -> DiscoveredStack? {
        guard let head = text.split(separator: "\n", maxSplits: 1).first else { return nil }
        let fields = head.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        let parts = text.dropFirst(head.count + 1).components(separatedBy: "\n\(mark)-containers\n")
        guard fields.count == 3, parts.count == 2 else { return nil }
        return DiscoveredStack(
            directory: fields[0], catalogue: try Catalogue(compose: parts[0], file: fields[1]),
            survey: StackSurvey(parsing: parts[1]),
            release: fields[2].isEmpty ? nil : fields[2].split(separator: "/").last.map(String.init))
    }
}
