import Foundation
import OpsCore

/// A directory for plaintext that an editor works on: in memory where the system has such a place, and
/// for its owner only.
public struct SecretScratch: Sendable {
    public let path: String
    /// Whether nothing in it is ever written to a disk.
    public let isInMemory: Bool

    /// - Parameter temporary: used where there is no memory-backed directory
    /// - Throws: `Diagnostic`
    public init(temporary: String = NSTemporaryDirectory()) throws {
        let name = "/opsctl-\(UUID().uuidString.lowercased())"
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
        for (base, inMemory) in [("/dev/shm", true), (temporary, false)] {
            let candidate = base + name
            let made: Void? = try? FileManager.default.createDirectory(
                atPath: candidate, withIntermediateDirectories: false, attributes: attributes)
            if made != nil {
                (path, isInMemory) = (candidate, inMemory)
                return
            }
        }
        throw Diagnostic(
            code: "file-not-written", "cannot make a private directory", at: SourceLocation(file: temporary))
    }

    /// Puts a file into it, 0600.
    /// - Returns: its path
    /// - Throws: `Diagnostic`
    public func add(_ bytes: [UInt8], name: String) throws -> String {
        let file = path + "/" + (name as NSString).lastPathComponent
        try AtomicFile.write(bytes, to: file, access: .ownerOnly)
        return file
    }

    /// Overwrites and removes everything in it. On a disk that copies on write, old blocks may stay.
    public func remove() {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] {
            guard let handle = FileHandle(forWritingAtPath: path + "/" + name) else { continue }
            let length = (try? handle.seekToEnd()) ?? 0
            try? handle.seek(toOffset: 0)
            try? handle.write(contentsOf: Data(count: Int(min(length, 64 << 20))))
            try? handle.synchronize()
            try? handle.close()
        }
        try? FileManager.default.removeItem(atPath: path)
    }
}
