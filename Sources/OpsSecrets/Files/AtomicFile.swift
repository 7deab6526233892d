import Foundation
import OpsCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Replaces files as a whole: after any failure the old content is still there.
public enum AtomicFile {
    /// Writes a temporary file beside the target, mode first, syncs it and renames it into place.
    /// - Parameter mode: permissions of a new file; an existing one keeps its own
    /// - Throws: `Diagnostic`; the target and its directory are then as before
    public static func write(_ bytes: [UInt8], to path: String, mode: UInt16 = 0o600) throws(Diagnostic) {
        let target = URL(filePath: path).resolvingSymlinksInPath().path
        var status = stat()
        let permissions = stat(target, &status) == 0 ? mode_t(status.st_mode & 0o7777) : mode_t(mode)
        let random = UInt64.random(in: .min ... .max)
        let temporary = (target as NSString).deletingLastPathComponent + "/.opsctl-\(String(random, radix: 36))"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("cannot write into its directory", path) }
        var isDone = fchmod(descriptor, permissions) == 0 && writeAll(bytes, descriptor) && fsync(descriptor) == 0
        isDone = close(descriptor) == 0 && isDone
        isDone = isDone && rename(temporary, target) == 0
        guard isDone else {
            let reason = errno
            unlink(temporary)
            throw failure(String(cString: strerror(reason)).lowercased(), path)
        }
    }

    private static func writeAll(_ bytes: [UInt8], _ descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { buffer in
                #if canImport(Glibc)
                    Glibc.write(descriptor, buffer.baseAddress, buffer.count)
                #elseif canImport(Musl)
                    Musl.write(descriptor, buffer.baseAddress, buffer.count)
                #else
                    Darwin.write(descriptor, buffer.baseAddress, buffer.count)
                #endif
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private static func failure(_ reason: String, _ path: String) -> Diagnostic {
        Diagnostic(
            code: "file-not-written", "cannot write the file: \(reason)", at: SourceLocation(file: path),
            hints: ["the old content is unchanged"])
    }
}
