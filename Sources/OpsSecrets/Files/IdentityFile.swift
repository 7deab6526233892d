import Crypto
import Foundation
import OpsCore
import OpsKeys

/// Text that holds identities: age's one per line with `#` comments, or one SSH private key.
enum IdentityFile {
    /// - Throws: `Diagnostic` at the line that can't be read; never repeats it
    static func parse(
        _ text: String, origin: String, prompt: @escaping PassphrasePrompt
    ) throws(Diagnostic) -> [any AgeIdentity] {
        if text.contains("-----BEGIN") { return [try sshKey(text, origin: origin, prompt: prompt)] }
        var identities: [any AgeIdentity] = []
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = line.trimmingCharacters(in: .whitespacesAndNewlines)
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            let location = SourceLocation(file: origin, line: number + 1)
            do { identities.append(try ageKey(line)) } catch {
                throw Diagnostic(code: "secret-identity", error.description, at: location)
            }
        }
        guard !identities.isEmpty else {
            throw Diagnostic(
                code: "secret-identity", "no identity in the file", at: SourceLocation(file: origin),
                hints: ["make one with: opsctl secrets keygen"])
        }
        return identities
    }

    private static func ageKey(_ line: String) throws(AgeError) -> any AgeIdentity {
        if line.hasPrefix("AGE-SECRET-KEY-PQ-") {
            throw .unsupported("post-quantum age identities (AGE-SECRET-KEY-PQ-)")
        }
        if line.hasPrefix("AGE-PLUGIN-") { throw .unsupported("age plugin identities (AGE-PLUGIN-)") }
        return try AgeX25519Identity(line)
    }

    private static func sshKey(
        _ text: String, origin: String, prompt: @escaping PassphrasePrompt
    ) throws(Diagnostic) -> any AgeIdentity {
        do throws(SSHKeyError) {
            guard text.contains(OpenSSHKeyFile.marker) else { return AgeSSHIdentity(try SSHPrivateKey(pem: text)) }
            let file = try OpenSSHKeyFile(text)
            if file.isEncrypted { return LockedSSHIdentity(file: file, path: origin, prompt: prompt) }
            return AgeSSHIdentity(try file.unlock(nil))
        } catch {
            throw Diagnostic(code: "secret-identity", error.description, at: SourceLocation(file: origin))
        }
    }
}

/// An identity file that is itself encrypted with a passphrase; opened the first time it is needed.
struct EncryptedIdentityFile: AgeIdentity {
    let path: String
    let bytes: [UInt8]
    let prompt: PassphrasePrompt
    let opened = Once<[any AgeIdentity]>()

    var name: String { "the identities in \(path)" }

    func unwrap(_ stanza: AgeStanza) throws -> SymmetricKey? {
        guard stanza.type == AgeX25519.stanzaType || stanza.type.hasPrefix("ssh-") else { return nil }
        let identities = try opened.value {
            guard let passphrase = try prompt("the identities in \(path)") else {
                throw AgeError.key("\(path) needs its passphrase, and there is no terminal to ask for it")
            }
            var plain = try decrypted(with: passphrase)
            defer { plain.wipe() }
            return try IdentityFile.parse(String(decoding: plain, as: UTF8.self), origin: path, prompt: prompt)
        }
        for identity in identities {
            if let key = try identity.unwrap(stanza) { return key }
        }
        return nil
    }

    private func decrypted(with passphrase: Secret) throws -> [UInt8] {
        do {
            return try Age.decrypt(bytes, with: [AgeScryptIdentity(passphrase: passphrase)])
        } catch AgeError.wrongPassphrase { throw AgeError.wrongPassphrase(of: path) }
    }
}
