#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// File names by pattern, as the shell finds them.
enum FileGlob {
    /// Sorted; empty if nothing matches.
    static func files(matching pattern: String) -> [String] {
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(pattern, 0, nil, &found) == 0 else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { index in
            found.gl_pathv[index].map { String(cString: $0) }
        }
    }
}
