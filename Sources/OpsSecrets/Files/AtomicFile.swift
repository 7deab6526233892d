import Foundation
import OpsCore
import OpsProcess

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Replaces files as a whole: after any failure the old content is still there.
public enum AtomicFile {
    /// Who may read what is written.
    public enum Access: Sendable {
        /// An existing file keeps its mode; a new one gets this.
        case kept(new: UInt16)
        /// Plain secrets: for the owner only, whatever the mode of the file before.
        case ownerOnly
    }

    /// Writes the content beside the target, owner and mode first, syncs it and puts it in place.
    /// - Throws: `Diagnostic`; the target and its directory are then as before
    public static func write(_ bytes: [UInt8], to path: String, access: Access = .kept(new: 0o600)) throws {
        try write(to: path, access: access) { append in try append(bytes) }
    }

    /// As above, in pieces.
    /// - Parameter produce: gets a function that appends; what it throws leaves the target as before
    public static func write(
        to path: String, access: Access = .kept(new: 0o600),
        produce: (_ append: ([UInt8]) throws -> Void) throws -> Void
    ) throws {
        let target = URL(filePath: path).resolvingSymlinksInPath().path
        do {
            let file = try UnfinishedFile(beside: target)
            do {
                try file.adopt(owner: status(of: target), access)
                try produce { bytes in
                    do { try file.append(bytes) } catch let error as SystemError { throw failure(path, error) }
                }
                try file.finish(as: target)
            } catch {
                file.discard()
                throw error
            }
        } catch let error as SystemError {
            throw failure(path, error)
        }
    }

    private static func status(of path: String) -> stat? {
        var status = stat()
        return stat(path, &status) == 0 ? status : nil
    }

    private static func failure(_ path: String, _ error: SystemError) -> Diagnostic {
        Diagnostic(
            code: "file-not-written", "cannot write the file: \(error.description.lowercased())", at: SourceLocation(file: path),
            hints: ["the old content is unchanged"])
    }
}
