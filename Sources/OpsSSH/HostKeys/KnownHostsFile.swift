import Foundation
import OpsCore
#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Adds lines to a known_hosts file that other programs may be writing, too.
enum KnownHostsFile {
    /// Appends one line under a lock, so that two runs never mix theirs. Makes file (0600) and directory (0700)
    /// if they are missing.
    static func append(name: String, key: [UInt8], to path: String) throws(Diagnostic) {
        let type = KeyType.of(key) ?? "unknown"
        let line = "\(name) \(type) \(Data(key).base64EncodedString())\n"
        let directory = (path as NSString).deletingLastPathComponent
        try? FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw problem(path) }
        defer { close(file) }
        guard flock(file, LOCK_EX) == 0 else { throw problem(path) }
        let text = Array(((endsInNewline(file) ? "" : "\n") + line).utf8)
        guard write(file, text, text.count) == text.count else { throw problem(path) }
    }

    private static func endsInNewline(_ file: CInt) -> Bool {
        let size = lseek(file, 0, SEEK_END)
        var last: UInt8 = 0
        return size <= 0 || (pread(file, &last, 1, size - 1) == 1 && last == UInt8(ascii: "\n"))
    }

    private static func problem(_ path: String) -> Diagnostic {
        Diagnostic(
            code: "known-hosts-unwritable", "cannot add a host key: \(SystemError.words(errno: errno))",
            at: SourceLocation(file: path), hints: ["check the permissions of \(path)"])
    }
}
