import Foundation
import OpsCore

/// `opsctl secrets keygen`.
public enum SecretKeygen {
    /// Makes an identity file, 0600, in a directory that only its owner can enter.
    /// - Returns: the recipient, to be given to others
    /// - Throws: `Diagnostic` if the file exists; a key is never overwritten
    public static func create(at path: String, now: Date = Date()) throws -> String {
        let location = SourceLocation(file: path)
        guard !FileManager.default.fileExists(atPath: path) else {
            throw Diagnostic(
                code: "file-exists", "there is already an identity", at: location,
                hints: ["it is never overwritten: files encrypted to it could not be opened any more"])
        }
        let directory = (path as NSString).deletingLastPathComponent
        // A bare name is a file of the current directory, which is there.
        do {
            if !directory.isEmpty {
                try FileManager.default.createDirectory(
                    atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            }
        } catch {
            throw Diagnostic(code: "file-not-written", "cannot make the directory", at: SourceLocation(file: directory))
        }
        let identity = Age.newIdentity()
        let text = identity.revealText { key in
            "# created: \(now.formatted(.iso8601))\n# public key: \(identity.name)\n\(key)\n"
        }
        var bytes = Array(text.utf8)
        defer { bytes.wipe() }
        try AtomicFile.write(bytes, to: path)
        return identity.name
    }
}
