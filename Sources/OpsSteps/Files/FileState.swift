import OpsCore
import OpsTransport

/// What stands at a path on a host.
public struct FileState: Sendable, Equatable {
    public enum Kind: String, Sendable { case absent, file, directory, link, other }

    /// The path looked at, after `intoDirectory` was considered.
    public var path: String
    public var kind: Kind
    public var bits = 0
    public var uid = 0
    public var gid = 0
    public var owner = ""
    public var group = ""
    public var size = 0
    public var modified = 0
    /// Lower-case hex; only of regular files.
    public var sha256 = ""
    /// Where a symbolic link points.
    public var target = ""

    /// A script that describes a path. GNU coreutils' and busybox' `stat -c` agree on what is used here.
    /// - Parameters:
    ///   - intoDirectory: if the path is a directory, look at this name inside it.
    ///   - follow: look through a symbolic link.
    static func script(_ path: String, intoDirectory name: String? = nil, follow: Bool = false) -> String {
        let inner = name.map { "[ -d \"$p\" ] && p=\"$p/\"\(ShellQuoting.quote($0))\n" } ?? ""
        let flag = follow ? "-L " : ""
        let link = follow ? "" : "[ -L \"$p\" ] && readlink \"$p\"\n"
        return """
            p=\(ShellQuoting.quote(path))
            \(inner)printf '%s\\n' "$p"
            if [ -e "$p" ] || [ -L "$p" ]; then
            stat \(flag)-c '%F|%a|%u|%g|%U|%G|%s|%Y' "$p" || exit 9
            \(link)[ -f "$p" ] && sha256sum < "$p" | cut -d' ' -f1
            fi
            true

            """
    }

    /// Reads what `script` printed. A path with a newline in it cannot be read back and counts as absent.
    init(parsing output: String) {
        let lines = output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        path = lines.first ?? ""
        kind = .absent
        let fields = lines.count > 1 ? lines[1].split(separator: "|").map(String.init) : []
        guard fields.count == 8 else { return }
        switch fields[0] {
        case "directory": kind = .directory
        case "symbolic link": kind = .link
        case let name where name.hasPrefix("regular"): kind = .file
        default: kind = .other
        }
        bits = Int(fields[1], radix: 8) ?? 0
        uid = Int(fields[2]) ?? 0
        gid = Int(fields[3]) ?? 0
        owner = fields[4]
        group = fields[5]
        size = Int(fields[6]) ?? 0
        modified = Int(fields[7]) ?? 0
        if kind == .link { target = lines.count > 2 ? lines[2] : "" }
        if kind == .file, lines.count > 2 { sha256 = lines[2] }
    }
}
