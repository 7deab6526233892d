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
    public static func write(_ bytes: [UInt8], to path: String, mode: UInt16 = 0o600) throws {
        try write(to: path, mode: mode) { append in try append(bytes) }
    }

    /// As above, in pieces.
    /// - Parameter produce: gets a function that appends; what it throws leaves the target as before
    public static func write(
        to path: String, mode: UInt16 = 0o600, produce: (_ append: ([UInt8]) throws -> Void) throws -> Void
    ) throws {
        let target = URL(filePath: path).resolvingSymlinksInPath().path
        var status = stat()
        let permissions = stat(target, &status) == 0 ? mode_t(status.st_mode & 0o7777) : mode_t(mode)
        let random = UInt64.random(in: .min ... .max)
        let temporary = (target as NSString).deletingLastPathComponent + "/.opsctl-\(String(random, radix: 36))"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(path) }
        var isOpen = true
        do {
            guard fchmod(descriptor, permissions) == 0 else { throw failure(path) }
            try produce { bytes in try writeAll(bytes, descriptor, path) }
            guard fsync(descriptor) == 0 else { throw failure(path) }
            isOpen = false
            guard close(descriptor) == 0, rename(temporary, target) == 0 else { throw failure(path) }
        } catch {
            if isOpen { close(descriptor) }
            unlink(temporary)
            throw error
        }
    }

    private static func writeAll(_ bytes: [UInt8], _ descriptor: Int32, _ path: String) throws(Diagnostic) {
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
        do { try handle.write(contentsOf: bytes) } catch { throw failure(path) }
    }

    /// Says why by `errno`.
    private static func failure(_ path: String) -> Diagnostic {
        let reason = String(cString: strerror(errno)).lowercased()
        return Diagnostic(
            code: "file-not-written", "cannot write the file: \(reason)", at: SourceLocation(file: path),
            hints: ["the old content is unchanged"])
    }
}
