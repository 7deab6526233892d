import Crypto
import Foundation
import OpsCore

/// An encrypted SOPS file, opened: every value is authentic. Changing it gives new bytes of a file.
public struct SopsFile: Sendable {
    public let format: SecretFile.Format
    let file: String
    let bytes: [UInt8]
    let syntax: any SopsSyntax.Type
    let decrypted: SopsDecrypted

    /// - Parameters:
    ///   - bytes: the file's content
    ///   - file: its name for messages
    /// - Throws: `Diagnostic` without content
    public init(_ bytes: [UInt8], file: String, keyring: SecretKeyring) throws {
        guard let format = SopsDetection.format(bytes), let syntax = format.syntax else {
            throw SecretFile.plain(file)
        }
        (self.format, self.syntax, self.file, self.bytes) = (format, syntax, file, bytes)
        let document = try syntax.parse(try Self.text(bytes, file: file), file: file)
        guard let metadata = document.metadata else { throw SecretFile.plain(file) }
        decrypted = try SopsDecrypted(document, metadata: metadata, file: file, keyring: keyring)
    }

    static func text(_ bytes: [UInt8], file: String) throws(Diagnostic) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Diagnostic(code: "secret-damaged", "the file is not UTF-8 text", at: SourceLocation(file: file))
        }
        return text
    }

    /// All values; those that are encrypted in the file come as `.secret`.
    public var value: Value { decrypted.value }

    /// Names of the recipients, `age1...` or SSH public keys.
    public var recipients: [String] { decrypted.metadata.recipients.map(\.name) }

    /// The file as a person would have written it: plain values in place, no metadata.
    public var plaintext: [UInt8] {
        var edits: [(range: Range<Int>, text: String)] = []
        for (index, leaf) in decrypted.document.leaves.enumerated() where decrypted.isEncrypted[index] {
            if let value = decrypted.values[index] { edits.append((leaf.range, syntax.plain(value, at: leaf))) }
        }
        if let range = decrypted.document.metadataRange { edits.append((range, "")) }
        return decrypted.document.replacing(edits)
    }

    /// The file with another plaintext. Values that didn't change keep their bytes; without any change
    /// the result is the file itself.
    /// - Throws: `Diagnostic` at the place in the plaintext that can't be read; nothing was changed then
    public func replacing(plaintext: [UInt8], now: Date = Date()) throws -> [UInt8] {
        if plaintext == self.plaintext { return bytes }
        let document = try syntax.parse(try Self.text(plaintext, file: file), file: file)
        let sealer = SopsSealer(
            dataKey: decrypted.dataKey, metadata: decrypted.metadata, syntax: syntax, known: knownCiphertexts)
        return try sealer.seal(document, file: file, now: now, metadataText: metadataText)
    }

    /// The file with one value set or added.
    /// - Parameter path: keys and list positions
    /// - Throws: `Diagnostic` if there is no place for the path
    public func setting(_ path: [String], to secret: Secret, now: Date = Date()) throws -> [UInt8] {
        let edited = try PlainDocument(plaintext, format: format, file: file).setting(path, to: secret)
        return try replacing(plaintext: edited, now: now)
    }

    /// The file for other recipients, under a new data key: every ciphertext changes, so that who was
    /// removed can't read later versions.
    /// - Throws: `AgeError` without recipients; `Diagnostic` if there are some of kinds that a new key can't be given to
    public func rekeyed(to recipients: [any AgeRecipient], now: Date = Date()) throws -> [UInt8] {
        var metadata = decrypted.metadata
        guard metadata.foreignKinds.isEmpty else {
            let kinds = metadata.foreignKinds.joined(separator: ", ")
            throw Diagnostic(
                code: "secret-unsupported", "the file is also for recipients of kinds that opsctl can't encrypt to: \(kinds)",
                at: SourceLocation(file: file), hints: ["rekey it with: sops rotate --in-place \(file)"])
        }
        let key = SopsDataKey.new()
        metadata.recipients = try SopsDataKey.wrap(key, for: recipients)
        let document = try syntax.parse(try Self.text(plaintext, file: file), file: file)
        return try SopsSealer(dataKey: key, metadata: metadata, syntax: syntax, known: [:])
            .seal(document, file: file, now: now, metadataText: nil)
    }

    /// Encrypts a plain document.
    /// - Parameters:
    ///   - format: one of SOPS's
    ///   - rule: which values; SOPS's default if nil
    /// - Throws: `Diagnostic` for a document that SOPS can't hold; `AgeError` without recipients
    public static func encrypt(
        _ plaintext: [UInt8], format: SecretFile.Format, file: String, recipients: [any AgeRecipient],
        rule: SopsRule = .standard, macOnlyEncrypted: Bool = false, now: Date = Date()
    ) throws -> [UInt8] {
        guard let syntax = format.syntax else { throw SecretFile.plain(file) }
        guard SopsDetection.format(plaintext) == nil else {
            throw Diagnostic(code: "secret-encrypted", "the file is already encrypted", at: SourceLocation(file: file))
        }
        let document = try syntax.parse(try text(plaintext, file: file), file: file)
        let key = SopsDataKey.new()
        let metadata = SopsMetadata(
            recipients: try SopsDataKey.wrap(key, for: recipients), rule: rule, macOnlyEncrypted: macOnlyEncrypted)
        return try SopsSealer(dataKey: key, metadata: metadata, syntax: syntax, known: [:])
            .seal(document, file: file, now: now, metadataText: nil)
    }

    /// Ciphertexts by what they hold, to be used again.
    private var knownCiphertexts: [SopsSealer.Place: String] {
        var known: [SopsSealer.Place: String] = [:]
        for (index, leaf) in decrypted.document.leaves.enumerated() where decrypted.isEncrypted[index] {
            guard let value = decrypted.values[index], let text = leaf.scalar?.text else { continue }
            known[SopsSealer.Place(path: leaf.path, value: value)] = text
        }
        return known
    }

    private var metadataText: String? {
        decrypted.document.metadataRange.map { String(decoding: bytes[$0], as: UTF8.self) }
    }
}
