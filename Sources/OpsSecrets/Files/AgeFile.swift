import Foundation
import OpsCore

/// age files of any size, in constant memory.
public enum AgeFile {
    private static let pieceSize = 1 << 20

    /// Encrypts a file into another, which appears only when it is complete.
    /// - Throws: `Diagnostic`, `AgeError`
    public static func encrypt(
        _ source: String, to target: String, recipients: [any AgeRecipient], armored: Bool = false
    ) throws {
        var encryptor = try AgeEncryptor(recipients: recipients, armored: armored)
        try AtomicFile.write(to: target) { append in
            try forEachPiece(of: source) { piece in try append(encryptor.feed(piece)) }
            try append(encryptor.finish())
        }
    }

    /// Decrypts a file into another, 0600, which appears only when all of it was authentic.
    /// - Throws: `Diagnostic`
    public static func decrypt(_ source: String, to target: String, keyring: SecretKeyring) throws {
        var decryptor = AgeDecryptor(identities: keyring.identities(for: source))
        do {
            try AtomicFile.write(to: target, access: .ownerOnly) { append in
                try forEachPiece(of: source) { piece in try append(decryptor.feed(piece)) }
                try append(decryptor.finish())
            }
        } catch let error as AgeError {
            throw SecretDiagnostic.age(error, file: source, recipients: [], keyring: keyring)
        }
    }

    private static func forEachPiece(of path: String, _ body: ([UInt8]) throws -> Void) throws {
        let location = SourceLocation(file: path)
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw Diagnostic(code: "file-unreadable", "cannot read the file", at: location)
        }
        defer { try? handle.close() }
        while true {
            let data: Data?
            do { data = try handle.read(upToCount: pieceSize) } catch {
                throw Diagnostic(code: "file-unreadable", "cannot read the file", at: location)
            }
            guard let data, !data.isEmpty else { return }
            try body(Array(data))
        }
    }
}
