import Crypto
import OpsCore
import OpsKeys

/// Asks for a passphrase; nil when nobody can be asked or the question was refused.
///
/// `subject` is what it is for, to be put into the question: `the SSH key ~/.ssh/id_ed25519`.
public typealias PassphrasePrompt = @Sendable (_ subject: String) throws -> Secret?

/// An encrypted SSH key, unlocked the first time a file needs it.
struct LockedSSHIdentity: AgeIdentity {
    let file: OpenSSHKeyFile
    /// For the question.
    let path: String
    let prompt: PassphrasePrompt
    let unlocked = Once<SSHPrivateKey>()

    var name: String { file.publicKey.line }

    func unwrap(_ stanza: AgeStanza) throws -> SymmetricKey? {
        guard AgeSSH.isFor(file.publicKey, stanza) else { return nil }
        let key = try unlocked.value {
            guard let passphrase = try prompt("the SSH key \(path)") else {
                throw AgeError.key("the SSH key \(path) needs its passphrase, and there is no terminal to ask for it")
            }
            do throws(SSHKeyError) {
                return try file.unlock(passphrase)
            } catch {
                throw error == .wrongPassphrase ? AgeError.wrongPassphrase(of: path) : .key(error.description)
            }
        }
        return try AgeSSHIdentity(key).unwrap(stanza)
    }
}
