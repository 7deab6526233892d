import OpsCore
import Synchronization

/// A directory tree as it shall be on a host: content, owner and mode of every file, rendered.
public struct DeclaredTree: Sendable {
    public struct File: Sendable {
        /// Relative to the tree's root, `/` between names, no `.` or `..`.
        public var path: String
        public var content: [UInt8]
        /// A secret stood in it: never shown in a diff.
        public var isSecret: Bool
        public var bits: Int
        public var owner: String?
        public var group: String?
        public var sha256: String
    }

    public struct Directory: Sendable {
        public var path: String
        public var bits: Int
        public var owner: String?
        public var group: String?
    }

    /// Sorted by path.
    public var files: [File]
    /// Every directory above a file, parents first; the root itself is not among them.
    public var directories: [Directory]

    public subscript(path: String) -> File? { files.first { $0.path == path } }

    /// The names at the top: what the tree claims of its destination. The rest there is left alone.
    var roots: [String] {
        Set(files.map { String($0.path.prefix { $0 != "/" }) }).sorted()
    }

    /// Changes whenever a file below one of the directories does, in content or path.
    func digest(of directories: [String]) -> String {
        let lines = files.filter { file in directories.contains { file.path == $0 || file.path.hasPrefix($0 + "/") } }
            .map { "\($0.sha256)  \($0.path)\n" }
        return FileWrite.sha256(lines.joined().utf8)
    }
}

/// The trees that this run has put, or in check mode would put, on one host, by destination.
///
/// Later steps compare against these, so that a plan foresees what a deploy will do.
public final class PlannedTrees: Sendable {
    private let trees = Mutex<[String: DeclaredTree]>([:])
    private let outdated = Mutex<[String: Set<String>]>([:])

    public init() {}

    public subscript(destination: String) -> DeclaredTree? {
        get { trees.withLock { $0[destination] } }
        set { trees.withLock { $0[destination] = newValue } }
    }

    /// The one destination there is; nil if there is none or several.
    var only: String? { trees.withLock { $0.count == 1 ? $0.keys.first : nil } }

    /// Notes that files are put in place which feed these services.
    ///
    /// What a service took up last may be just what is put back now: somebody has edited a file on the host, and perhaps
    /// had the service take that up.
    func outdate(_ services: [String], in destination: String) {
        outdated.withLock { $0[destination, default: []].formUnion(services) }
    }

    func outdated(in destination: String) -> Set<String> { outdated.withLock { $0[destination] ?? [] } }

    /// Notes that these services have taken up the files that are in place now.
    func settle(_ services: Set<String>, in destination: String) {
        outdated.withLock { $0[destination]?.subtract(services) }
    }
}
