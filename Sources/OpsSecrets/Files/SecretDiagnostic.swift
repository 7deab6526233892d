import OpsCore

/// The messages about files that can't be opened: place, reason, next action, never content.
enum SecretDiagnostic {
    static func noIdentity(file: String, recipients: [String], keyring: SecretKeyring) -> Diagnostic {
        let tried = keyring.identities.map { short($0.name) } + keyring.searched.filter { $0.hasSuffix("(missing)") }
        let who = recipients.isEmpty ? "" : ": its recipients are \(recipients.map(short).joined(separator: ", "))"
        return Diagnostic(
            code: "secret-no-identity", "no identity for this file\(who)", at: SourceLocation(file: file),
            hints: [
                "identities tried: \(tried.isEmpty ? "none" : tried.joined(separator: ", "))",
                "name a key file in SOPS_AGE_KEY_FILE or with --identity, or ask a recipient to add you: opsctl secrets rekey",
            ])
    }

    static func age(_ error: AgeError, file: String, recipients: [String], keyring: SecretKeyring) -> Diagnostic {
        let location = SourceLocation(file: file)
        switch error {
        case .noMatch: return noIdentity(file: file, recipients: recipients, keyring: keyring)
        case .wrongPassphrase: return Diagnostic(code: "secret-wrong-password", error.description, at: location)
        case .unsupported(let what):
            return Diagnostic(code: "secret-unsupported", "\(what) are not supported", at: location)
        case .key: return Diagnostic(code: "secret-identity", error.description, at: location)
        case .armor, .header, .headerMAC, .payload:
            return Diagnostic(
                code: "secret-damaged", error.description, at: location,
                hints: ["restore the file from version control or a backup"])
        }
    }

    static func vault(_ error: VaultError, at location: SourceLocation) -> Diagnostic {
        switch error {
        case .wrongPassword: Diagnostic(code: "secret-wrong-password", error.description, at: location)
        case .noPassword:
            Diagnostic(
                code: "secret-no-identity", "no vault password for this file", at: location,
                hints: ["name one with --vault-password-file, --vault-id or ANSIBLE_VAULT_PASSWORD_FILE"])
        case .unsupported: Diagnostic(code: "secret-unsupported", error.description, at: location)
        case .malformed:
            Diagnostic(
                code: "secret-damaged", error.description, at: location,
                hints: ["restore the file from version control or a backup"])
        }
    }

    /// The key itself without comment; a long one by its ends.
    static func short(_ name: String) -> String {
        name.count <= 70 ? name : "\(name.prefix(40))...\(name.suffix(12))"
    }
}
