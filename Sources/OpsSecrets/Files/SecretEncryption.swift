import Foundation
import OpsCore

/// How plain files become encrypted ones.
public struct SecretEncryption: Sendable {
    public enum Target: Sendable {
        /// Values one by one, in the format that the file's name says.
        case sops(rule: SopsRule, macOnlyEncrypted: Bool)
        /// The file as a whole, armored.
        case age
        case vault(VaultPassword)
    }

    public var target: Target
    public var recipients: [any AgeRecipient]

    public init(_ target: Target = .sops(rule: .standard, macOnlyEncrypted: false), recipients: [any AgeRecipient] = [])
    {
        (self.target, self.recipients) = (target, recipients)
    }

    /// As `.sops.yaml` says for the file; recipients given here win over its own.
    /// - Throws: `Diagnostic` if nobody says for whom, or a recipient can't be read
    public static func configured(
        for path: String, recipients: [String] = [], config: SopsConfig?
    ) throws -> SecretEncryption {
        let rule = config?.rule(for: path)
        let names = try recipients.isEmpty ? rule?.allRecipients() ?? [] : recipients
        guard !names.isEmpty else {
            throw Diagnostic(
                code: "secret-no-recipients", "no recipients for this file", at: SourceLocation(file: path),
                hints: ["name them with --age, or in .sops.yaml under creation_rules"])
        }
        do {
            return SecretEncryption(
                .sops(rule: rule?.rule ?? .standard, macOnlyEncrypted: rule?.macOnlyEncrypted ?? false),
                recipients: try AgeRecipients.parse(names))
        } catch {
            throw Diagnostic(code: "secret-recipient", error.description, at: recipients.isEmpty ? rule?.location : nil)
        }
    }

    /// The encrypted file.
    /// - Throws: `Diagnostic`, also for a file that is encrypted already; `AgeError`, `VaultError`
    public func encrypt(_ plaintext: [UInt8], file: String) throws -> [UInt8] {
        let format = SecretFile.detect(plaintext)
        guard format == .plain else {
            throw Diagnostic(
                code: "secret-encrypted", "the file is already encrypted (\(format.title))",
                at: SourceLocation(file: file), hints: ["to change for whom, use: opsctl secrets rekey \(file)"])
        }
        switch target {
        case .sops(let rule, let macOnlyEncrypted):
            return try SopsFile.encrypt(
                plaintext, format: Self.sopsFormat(of: file), file: file, recipients: recipients, rule: rule,
                macOnlyEncrypted: macOnlyEncrypted)
        case .age: return try Age.encrypt(plaintext, to: recipients, armored: true)
        case .vault(let password):
            return Array(try AnsibleVault(passwords: [password]).encrypt(plaintext, with: password).utf8)
        }
    }

    /// The format that SOPS takes a file's name for; YAML if it says nothing.
    public static func sopsFormat(of path: String) -> SecretFile.Format {
        let name = (path as NSString).lastPathComponent
        switch (name as NSString).pathExtension.lowercased() {
        case "json": return .sopsJSON
        case "env": return .sopsDotenv
        case "ini": return .sopsINI
        default: return name.hasPrefix(".env") ? .sopsDotenv : .sopsYAML
        }
    }
}
