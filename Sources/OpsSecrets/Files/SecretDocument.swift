import Foundation
import OpsCore

/// A file of secrets of any format, opened. Nothing here writes: each change gives the bytes of a new file,
/// which `AtomicFile` puts in place.
public struct SecretDocument: Sendable {
    private enum Body: Sendable {
        case sops(SopsFile)
        case vault(plaintext: [UInt8], VaultPassword)
        case age(plaintext: [UInt8])
    }

    public let format: SecretFile.Format
    /// The name for messages.
    public let file: String
    /// The content it was opened from.
    public let bytes: [UInt8]
    private let body: Body
    private let keyring: SecretKeyring

    /// - Throws: `Diagnostic` without content
    public init(path: String, keyring: SecretKeyring) throws {
        try self.init(SecretFile.read(path), file: path, keyring: keyring)
    }

    public init(_ bytes: [UInt8], file: String, keyring: SecretKeyring) throws {
        (self.bytes, self.file, self.keyring) = (bytes, file, keyring)
        format = SecretFile.detect(bytes)
        switch format {
        case .plain: throw SecretFile.plain(file, bytes)
        case .sopsYAML, .sopsJSON, .sopsDotenv, .sopsINI:
            body = .sops(try SopsFile(bytes, file: file, keyring: keyring))
        case .age:
            body = .age(plaintext: try SecretFile.decryptWhole(bytes, file: file, keyring: keyring))
        case .ansibleVault:
            do {
                let (plaintext, password) = try keyring.vault.open(bytes)
                body = .vault(plaintext: plaintext, password)
            } catch let error as VaultError {
                throw SecretDiagnostic.vault(error, at: SourceLocation(file: file))
            }
        }
    }

    /// What a person edits.
    public var plaintext: [UInt8] {
        switch body {
        case .sops(let file): file.plaintext
        case .vault(let plaintext, _), .age(let plaintext): plaintext
        }
    }

    /// The values, secret ones as `.secret`.
    /// - Throws: `Diagnostic` if a file encrypted as a whole isn't YAML
    public func value() throws -> Value {
        switch body {
        case .sops(let file): file.value
        case .vault(let plaintext, _), .age(let plaintext): try PlainYAML.value(of: plaintext, file: file)
        }
    }

    /// Recipients by name; empty where the format doesn't name them.
    public var recipients: [String] {
        if case .sops(let file) = body { return file.recipients }
        return []
    }

    /// The file with another plaintext; the same bytes if nothing changed.
    ///
    /// A plaintext that can't be read (broken YAML) is refused with its place, so that it never replaces
    /// a good file. An age file doesn't name its recipients, so they have to be given.
    /// - Throws: `Diagnostic`, `AgeError`
    public func replacing(
        plaintext: [UInt8], recipients: [any AgeRecipient] = [], now: Date = Date()
    ) throws -> [UInt8] {
        if plaintext == self.plaintext { return bytes }
        switch body {
        case .sops(let file): return try file.replacing(plaintext: plaintext, now: now)
        case .vault(_, let password):
            try refuseBrokenYAML(plaintext)
            return Array(try keyring.vault.encrypt(plaintext, with: password).utf8)
        case .age:
            try refuseBrokenYAML(plaintext)
            guard !recipients.isEmpty else {
                throw Diagnostic(
                    code: "secret-no-recipients", "an age file does not say for whom to encrypt it again",
                    at: SourceLocation(file: file), hints: ["name the recipients with --age, or in .sops.yaml"])
            }
            return try Age.encrypt(plaintext, to: recipients, armored: AgeArmor.isArmored(bytes))
        }
    }

    /// The file with one value set or added.
    /// - Throws: `Diagnostic`, `AgeError`
    public func setting(
        _ path: [String], to secret: Secret, recipients: [any AgeRecipient] = [], now: Date = Date()
    ) throws -> [UInt8] {
        if case .sops(let file) = body { return try file.setting(path, to: secret, now: now) }
        let edited = try PlainDocument(plaintext, format: .sopsYAML, file: file).setting(path, to: secret)
        return try replacing(plaintext: edited, recipients: recipients, now: now)
    }

    /// The file under a new key for other recipients; for a vault, under another password.
    /// - Throws: `Diagnostic`, `AgeError`
    public func rekeyed(
        to recipients: [any AgeRecipient], password: VaultPassword? = nil, now: Date = Date()
    ) throws -> [UInt8] {
        switch body {
        case .sops(let file): return try file.rekeyed(to: recipients, now: now)
        case .age(let plaintext):
            return try Age.encrypt(plaintext, to: recipients, armored: AgeArmor.isArmored(bytes))
        case .vault(let plaintext, let before):
            guard var password else {
                throw Diagnostic(
                    code: "secret-no-recipients", "a vault needs a new password to be rekeyed",
                    at: SourceLocation(file: file), hints: ["name it with --new-vault-password-file"])
            }
            if password.id == VaultPassword.defaultID { password.id = before.id }
            return Array(try keyring.vault.encrypt(plaintext, with: password).utf8)
        }
    }

    /// Whether a plaintext holds no value at all, only comments or nothing.
    /// - Throws: `Diagnostic` for a broken document of SOPS's formats
    public static func isEmpty(_ plaintext: [UInt8], format: SecretFile.Format, file: String) throws -> Bool {
        guard let syntax = format.syntax else {
            // What isn't YAML is content of some other kind.
            guard let value = try? PlainYAML.value(of: plaintext, file: file) else { return false }
            return value == .null || SecretDiff.leaves(of: value).isEmpty
        }
        return try syntax.parse(SopsFile.text(plaintext, file: file), file: file).leaves.allSatisfy(\.isComment)
    }

    /// Files encrypted as a whole may hold anything, but what was YAML must stay YAML.
    private func refuseBrokenYAML(_ plaintext: [UInt8]) throws {
        guard (try? value()) != nil else { return }
        _ = try PlainYAML.value(of: plaintext, file: file)
    }
}
