import OpsCore
import OpsTransport

/// What stands on a host where a tree shall be.
struct HostTree: Sendable {
    struct Entry: Sendable {
        var bits: Int
        var uid: String
        var gid: String
        var owner: String
        var group: String
        var isDirectory: Bool
        var sha256 = ""
    }

    /// By path relative to the destination.
    var entries: [String: Entry] = [:]
    /// Paths of the release that a former push left as current.
    var released: Set<String> = []

    /// Asks in one script for checksums, attributes, and the current release's list of files.
    static func script(destination: String, roots: [String]) -> String {
        """
        cd -- \(ShellQuoting.quote(destination)) 2>/dev/null || exit 0
        set --
        for r in \(ShellQuoting.join(roots)); do [ -e "$r" ] && set -- "$@" "$r"; done
        if [ $# -gt 0 ]; then
        find "$@" -type f -exec sha256sum {} +
        echo '---'
        find "$@" \\( -type f -o -type d \\) -exec stat -c '%a|%u|%g|%U|%G|%F|%n' {} +
        else echo '---'; fi
        echo '---'
        cat .opsctl/current/manifest 2>/dev/null
        true
        """
    }

    /// Reads the answer. Names that `sha256sum` escapes (a newline or backslash in them) are not matched and
    /// so count as foreign files.
    init(parsing output: String) {
        var section = 0
        var sums: [String: String] = [:]
        for line in output.split(separator: "\n") {
            if line == "---" {
                section += 1
            } else if section == 1 {
                readAttributes(line)
            } else if let (sum, path) = Self.sumLine(line) {
                if section == 0 { sums[path] = sum } else { released.insert(path) }
            }
        }
        for (path, sum) in sums { entries[path]?.sha256 = sum }
    }

    private static func sumLine(_ line: Substring) -> (String, String)? {
        let sum = line.prefix(64)
        guard sum.count == 64, line.dropFirst(64).hasPrefix("  ") else { return nil }
        return (String(sum), String(line.dropFirst(66)))
    }

    private mutating func readAttributes(_ line: Substring) {
        let fields = line.split(separator: "|", maxSplits: 6, omittingEmptySubsequences: false).map(String.init)
        guard fields.count == 7 else { return }
        entries[fields[6]] = Entry(
            bits: Int(fields[0], radix: 8) ?? 0, uid: fields[1], gid: fields[2], owner: fields[3], group: fields[4],
            isDirectory: fields[5] == "directory")
    }
}
