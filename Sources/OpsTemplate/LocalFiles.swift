#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What templates may ask about files of this machine.
enum LocalFiles {
    private static func status(_ path: String, followsLinks: Bool = true) -> stat? {
        var result = stat()
        return (followsLinks ? stat(path, &result) : lstat(path, &result)) == 0 ? result : nil
    }

    private static func isKind(_ kind: mode_t, _ path: String, followsLinks: Bool = true) -> Bool {
        status(path, followsLinks: followsLinks).map { $0.st_mode & S_IFMT == kind } ?? false
    }

    static func exists(_ path: String) -> Bool { status(path) != nil }
    static func linkExists(_ path: String) -> Bool { status(path, followsLinks: false) != nil }
    static func isFile(_ path: String) -> Bool { isKind(S_IFREG, path) }
    static func isDirectory(_ path: String) -> Bool { isKind(S_IFDIR, path) }
    static func isLink(_ path: String) -> Bool { isKind(S_IFLNK, path, followsLinks: false) }

    static func isMount(_ path: String) -> Bool {
        guard let here = status(path, followsLinks: false), here.st_mode & S_IFMT != S_IFLNK,
            let parent = status(path + "/..")
        else { return false }
        return here.st_dev != parent.st_dev || here.st_ino == parent.st_ino
    }

    /// nil if one of them does not exist.
    static func areSame(_ a: String, _ b: String) -> Bool? {
        guard let first = status(a), let second = status(b) else { return nil }
        return first.st_dev == second.st_dev && first.st_ino == second.st_ino
    }

    static func startsWith(_ prefix: String, _ path: String) -> Bool {
        guard let file = fopen(path, "r") else { return false }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: prefix.utf8.count)
        return fread(&bytes, 1, bytes.count, file) == bytes.count && bytes.elementsEqual(prefix.utf8)
    }

    static func currentDirectory() -> String {
        guard let path = getcwd(nil, 0) else { return "/" }
        defer { free(path) }
        return String(cString: path)
    }

    /// The path without links, as far as it exists.
    static func realPath(_ path: String) -> String {
        let absolute = PathText.normalized(PathText.join([currentDirectory(), path]))
        var existing = absolute
        var rest: [String] = []
        while true {
            if let resolved = realpath(existing, nil) {
                defer { free(resolved) }
                return PathText.join([String(cString: resolved)] + rest.reversed())
            }
            guard existing.utf8.count > 1 else { return absolute }
            rest.append(PathText.basename(existing))
            existing = PathText.dirname(existing)
        }
    }

    static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    static func expandingUser(_ path: String) -> String {
        guard path.hasPrefix("~") else { return path }
        let user = String(path.dropFirst().prefix { $0 != "/" })
        let rest = path.dropFirst(user.count + 1)
        let home = user.isEmpty ? environment("HOME") : getpwnam(user).map { String(cString: $0.pointee.pw_dir) }
        guard let home else { return path }
        let expanded = PythonText.strip(home, ["/"], left: false) + rest
        return expanded.isEmpty ? "/" : expanded
    }

    /// `$NAME` and `${NAME}`; unknown ones stay.
    static func expandingVariables(_ path: String) -> String {
        var result = ""
        var rest = path[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            let braced = rest.first == "{"
            let body = braced ? rest.dropFirst() : rest
            let name = body.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
            let closes = !braced || body.dropFirst(name.count).first == "}"
            if closes, !name.isEmpty, let value = environment(String(name)) {
                result += value
                rest = body.dropFirst(name.count + (braced ? 1 : 0))
            } else {
                result += "$"
            }
        }
        return result + rest
    }

    /// The regular files that match a shell pattern.
    static func matches(_ pattern: String) -> [String] {
        var result = glob_t()
        defer { globfree(&result) }
        guard glob(pattern, 0, nil, &result) == 0 else { return [] }
        return (0..<Int(result.gl_pathc)).compactMap { index in result.gl_pathv[index].map { String(cString: $0) } }
            .filter(isFile)
    }
}
