import OpsCore

/// An encrypted SOPS file, opened: every value is authentic.
public struct SopsFile: Sendable {
    let format: SecretFile.Format
    let file: String
    let decrypted: SopsDecrypted

    /// - Parameters:
    ///   - bytes: the file's content
    ///   - file: its name for messages
    /// - Throws: `Diagnostic` without content
    public init(_ bytes: [UInt8], file: String, keyring: Keyring) throws {
        guard let format = SopsDetection.format(bytes) else { throw SecretFile.plain(file) }
        self.format = format
        self.file = file
        let document = try Self.parse(bytes, format: format, file: file)
        guard let metadata = document.metadata else { throw SecretFile.plain(file) }
        decrypted = try SopsDecrypted(document, metadata: metadata, file: file, keyring: keyring)
    }

    /// Reads a document, encrypted or not.
    static func parse(_ bytes: [UInt8], format: SecretFile.Format, file: String) throws -> SopsDocument {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Diagnostic(code: "secret-damaged", "the file is not UTF-8 text", at: SourceLocation(file: file))
        }
        return try SopsYAMLReader.read(text, file: file)
    }

    /// All values; those that are encrypted in the file come as `.secret`.
    public var value: Value { decrypted.value }

    /// Names of the recipients, `age1...` or SSH public keys.
    public var recipients: [String] { decrypted.metadata.recipients.map(\.name) }
}
