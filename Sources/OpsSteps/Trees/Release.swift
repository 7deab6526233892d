import Foundation
import OpsCore
import OpsTransport

/// One deployed version of a tree on a host: staged whole, then switched to in one script.
///
/// Below the destination: `.opsctl/releases/<id>/tree/` is the complete tree by hard links,
/// `.opsctl/releases/<id>/manifest` its checksums as `sha256sum` writes them, `.opsctl/current` the link to
/// the live release. Nothing outside `.opsctl` is touched before the switch, and no secret file stays in it afterwards.
struct Release: Sendable {
    var id: String
    var destination: String
    var tree: DeclaredTree
    var difference: TreeDifference
    /// Services that the changed files feed. What they took up last is forgotten with the switch, so that they take up
    /// the new files even if this run ends before it comes to that.
    var outdated: [String]

    /// How many releases are kept, the new one included.
    static let kept = 5
    /// Paths per command line: far below any system's limit.
    private static let pathsPerCommand = 200

    /// Sortable, unique enough for one destination: time and a random tail.
    static func newID() -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "UTC")
        formatter.dateFormat = "yyyyMMdd'T'HHmmss'Z'"
        return formatter.string(from: Date()) + "-" + String(UInt16.random(in: .min ... .max), radix: 16)
    }

    private var stage: String { "\(destination)/.opsctl/releases/\(id)" }
    var stagedTree: String { stage + "/tree" }

    /// What travels: the changed files and the manifest of the whole tree, compressed.
    func archive() -> TarStream {
        let manifest = tree.files.map { "\($0.sha256)  \($0.path)\n" }.joined()
        var entries = [TarEntry(path: "manifest", kind: .file(.bytes(Array(manifest.utf8))), mode: 0o600)]
        entries.append(TarEntry(path: "tree", kind: .directory, mode: 0o700))
        entries += tree.directories.map { TarEntry(path: "tree/" + $0.path, kind: .directory, mode: $0.bits) }
        entries += difference.files.map { TarEntry(path: "tree/" + $0.path, kind: .file(.bytes($0.content)), mode: $0.bits) }
        return TarStream(entries)
    }

    /// Receives the archive and completes the staged tree with links to the files that stay. A stream that
    /// ends early is found out by the manifest; whatever fails, the stage is removed and the live tree untouched.
    var stageScript: String {
        let staying = Set(tree.files.map(\.path)).subtracting(difference.files.map(\.path))
        return """
            set -e
            umask 077
            d=\(ShellQuoting.quote(destination))
            s=\(ShellQuoting.quote(stage))
            mkdir -p "$d/.opsctl/releases"
            mkdir "$s"
            trap 'rm -rf "$s"' EXIT
            trap 'exit 129' HUP
            tar -xzpf - -C "$s"
            cd "$s/tree"
            \(ownership)\(links(staying.sorted()))[ ! -s ../manifest ] || sha256sum -c ../manifest > /dev/null 2>&1 || { echo 'the files did not arrive whole' >&2; exit 6; }
            sync -f "$s" 2>/dev/null || sync
            trap - EXIT
            """
    }

    /// Owner and mode of what was sent, grouped so that one command serves many paths.
    private var ownership: String {
        var groups: [String: [String]] = [:]
        for item in tree.directories.map({ ($0.path, $0.owner, $0.group) }) + difference.files.map({ ($0.path, $0.owner, $0.group) })
        where item.1 != nil || item.2 != nil {
            groups[(item.1 ?? "") + (item.2.map { ":" + $0 } ?? ""), default: []].append(item.0)
        }
        return groups.sorted { $0.key < $1.key }.map { spec, paths in
            chunks(paths) { "chown \(ShellQuoting.quote(spec)) -- \($0)\n" }
        }.joined()
    }

    private func links(_ paths: [String]) -> String {
        chunks(paths) { "for f in \($0); do ln \"$d/$f\" \"$f\"; done\n" }
    }

    private func chunks(_ paths: [String], _ command: (String) -> String) -> String {
        stride(from: 0, to: paths.count, by: Self.pathsPerCommand).map { start in
            command(ShellQuoting.join(paths[start..<min(start + Self.pathsPerCommand, paths.count)]))
        }.joined()
    }

    /// Puts every changed file in its place by rename. The script is received whole before it starts and goes
    /// on when the connection breaks; run again after an interruption it does what is left.
    ///
    /// The release is linked once more as a whole, and moved from there directory by directory: a program for
    /// each file would be most of the time that a push to many hosts takes.
    func switchScript() -> String {
        let target = ShellQuoting.quote("releases/\(id)")
        return """
            set -e
            trap '' HUP PIPE
            umask 022
            d=\(ShellQuoting.quote(destination))
            s=\(ShellQuoting.quote(stage))
            n=.opsctl/switching
            cd "$d"
            [ ! -e "$n" ] || rm -rf "$n"
            cp -al "$s/tree" "$n"
            \(chunks(outdated.map { ".opsctl/applied/\($0)" }) { "rm -f -- \($0)\n" })\(attributeCommands)\(moves)rm -rf "$n"
            \(chunks(difference.removed) { "rm -f -- \($0)\n" })ln -sfn \(target) .opsctl/next
            mv -fT .opsctl/next .opsctl/current 2>/dev/null || { rm -f .opsctl/next; ln -sfn \(target) .opsctl/current; }
            \(chunks(stagedSecrets) { "rm -f -- \($0)\n" })\
            cd .opsctl/releases
            set -- *
            while [ $# -gt \(Self.kept) ]; do rm -rf -- "$1"; shift; done
            """
    }

    /// The release's links to secret files: the only place of a secret is where its service reads it.
    private var stagedSecrets: [String] { tree.files.filter(\.isSecret).map { "\(stagedTree)/\($0.path)" } }

    /// One `mv` for what comes into each directory; each of its renames is atomic.
    private var moves: String {
        let byDirectory = Dictionary(grouping: difference.pieces) { path in
            path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        }
        return byDirectory.sorted { $0.key < $1.key }.map { directory, paths in
            stride(from: 0, to: paths.count, by: Self.pathsPerCommand).map { start in
                let pieces = paths[start..<min(start + Self.pathsPerCommand, paths.count)].map { "\"$n\"/" + ShellQuoting.quote($0) }
                return "mv -f -- \(pieces.joined(separator: " ")) \(ShellQuoting.quote("./" + directory))/\n"
            }.joined()
        }.joined()
    }

    /// Sets owners and modes of directories that are there: one command for each distinct one.
    private var attributeCommands: String {
        let directories = difference.directories
        let owned = directories.filter { $0.owner != nil || $0.group != nil }
        let owners = Dictionary(grouping: owned) { ($0.owner ?? "") + ($0.group.map { ":" + $0 } ?? "") }
        let modes = Dictionary(grouping: directories, by: \.bits)
        return owners.sorted { $0.key < $1.key }.map { spec, items in
            chunks(items.map(\.path)) { "chown \(ShellQuoting.quote(spec)) -- \($0)\n" }
        }.joined()
            + modes.sorted { $0.key < $1.key }.map { bits, items in
                chunks(items.map(\.path)) { "chmod \(FileMode.octal(bits)) -- \($0)\n" }
            }.joined()
    }

    /// Removes the stage after a validation that failed.
    var discardScript: String { "rm -rf -- \(ShellQuoting.quote(stage))" }
}
