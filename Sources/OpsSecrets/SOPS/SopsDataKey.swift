import Crypto
import OpsCore

/// The key under which all values of one SOPS file are encrypted: 32 bytes, wrapped for each recipient.
enum SopsDataKey {
    static func new() -> SymmetricKey { SymmetricKey(size: .bits256) }

    /// - Throws: `Diagnostic` that names the recipients and the identities tried
    static func unwrap(_ metadata: SopsMetadata, file: String, keyring: SecretKeyring) throws -> SymmetricKey {
        let location = SourceLocation(file: file)
        guard !metadata.recipients.isEmpty else {
            let kinds = metadata.foreignKinds.joined(separator: ", ")
            throw Diagnostic(
                code: "secret-unsupported",
                kinds.isEmpty ? "the file has no recipients" : "no age recipient; only \(kinds)", at: location,
                hints: ["add an age recipient with: sops rotate --in-place --add-age RECIPIENT \(file)"])
        }
        var damage: AgeError?
        for recipient in metadata.recipients {
            do {
                var bytes = try Age.decrypt(Array(recipient.wrappedKey.utf8), with: keyring.identities)
                defer { bytes.wipe() }
                guard bytes.count == 32 else { throw AgeError.payload("the data key has the wrong length") }
                return SymmetricKey(data: bytes)
            } catch AgeError.noMatch {
                continue
            } catch let error as AgeError where error.isWrongPassphrase {
                // Another try would ask for it again.
                throw SecretDiagnostic.age(error, file: file, recipients: [], keyring: keyring)
            } catch let error as AgeError {
                damage = damage ?? error
            }
        }
        if let damage { throw SecretDiagnostic.age(damage, file: file, recipients: [], keyring: keyring) }
        throw SecretDiagnostic.noIdentity(
            file: file, recipients: metadata.recipients.map(\.name), keyring: keyring)
    }

    /// - Throws: `AgeError`
    static func wrap(_ key: SymmetricKey, for recipients: [any AgeRecipient]) throws -> [SopsMetadata.Recipient] {
        var bytes = key.withUnsafeBytes { Array($0) }
        defer { bytes.wipe() }
        return try recipients.map { recipient in
            let file = try Age.encrypt(bytes, to: [recipient], armored: true)
            return SopsMetadata.Recipient(name: recipient.name, wrappedKey: String(decoding: file, as: UTF8.self))
        }
    }
}
