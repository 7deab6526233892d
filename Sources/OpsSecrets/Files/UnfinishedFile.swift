import Foundation
import OpsProcess

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file that nobody finds before it is complete.
///
/// On Linux it has no name until then (`O_TMPFILE`), so that whatever ends the program, the system takes it away.
/// Where that isn't possible it has a made-up name, which the usual signals remove.
struct UnfinishedFile {
    private let descriptor: Int32
    private let temporary: String
    private let cleanup: SignalCleanup?

    /// - Parameter isNamed: true makes one with a name even where it could do without
    /// - Throws: `SystemError`
    init(beside target: String, isNamed: Bool = false) throws(SystemError) {
        let directory = (target as NSString).deletingLastPathComponent
        temporary = directory + "/.opsctl-\(String(UInt64.random(in: .min ... .max), radix: 36))"
        if !isNamed, let descriptor = Self.unnamed(in: directory) {
            (self.descriptor, cleanup) = (descriptor, nil)
            return
        }
        let cleanup = SignalCleanup(removing: temporary)
        descriptor = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        self.cleanup = cleanup
        guard descriptor >= 0 else {
            let error = SystemError(errno)
            cleanup.cancel()
            throw error
        }
    }

    /// Nil if the system or the directory's file system can't.
    private static func unnamed(in directory: String) -> Int32? {
        #if os(Linux)
            // O_TMPFILE, which comes with O_DIRECTORY; Swift doesn't see the macro.
            let descriptor = open(directory.isEmpty ? "." : directory, O_RDWR | O_CLOEXEC | O_DIRECTORY | 0o20_000_000, 0o600)
            guard descriptor >= 0 else { return nil }
            // Without /proc it could never get a name.
            if access(place(of: descriptor), F_OK) == 0 { return descriptor }
            close(descriptor)
        #endif
        return nil
    }

    private static func place(of descriptor: Int32) -> String { "/proc/self/fd/\(descriptor)" }

    /// Takes owner and mode of the file that will be replaced, as far as the system lets us.
    /// - Throws: `SystemError`
    func adopt(owner before: stat?, _ access: AtomicFile.Access) throws(SystemError) {
        var mode: mode_t
        switch access {
        case .kept(let new): mode = before.map { $0.st_mode & 0o7777 } ?? mode_t(new)
        case .ownerOnly: mode = 0o600
        }
        if let before, fchown(descriptor, before.st_uid, before.st_gid) != 0, fchown(descriptor, uid_t.max, before.st_gid) != 0 {
            // What its group could read, ours must not.
            mode &= ~0o070
        }
        guard fchmod(descriptor, mode) == 0 else { throw SystemError(errno) }
    }

    /// - Throws: `SystemError`
    func append(_ bytes: [UInt8]) throws(SystemError) {
        var position = 0
        while position < bytes.count {
            let written = bytes[position...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw SystemError(errno) }
            position += written
        }
    }

    /// Puts the content on the disk and the file in its place.
    /// - Throws: `SystemError`
    func finish(as target: String) throws(SystemError) {
        guard fsync(descriptor) == 0 else { throw SystemError(errno) }
        if cleanup == nil {
            guard linkat(AT_FDCWD, Self.place(of: descriptor), AT_FDCWD, temporary, AT_SYMLINK_FOLLOW) == 0 else {
                throw SystemError(errno)
            }
        }
        guard rename(temporary, target) == 0 else { throw SystemError(errno) }
        close(descriptor)
        cleanup?.cancel()
    }

    /// Takes it away again.
    func discard() {
        close(descriptor)
        unlink(temporary)
        cleanup?.cancel()
    }
}
