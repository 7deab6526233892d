/// Why an Ansible Vault envelope could not be opened. Nothing in it shows content.
public enum VaultError: Error, Hashable, Sendable {
    /// The text breaks the format.
    case malformed(String)
    /// A cipher other than AES256, or an unknown format version.
    case unsupported(String)
    /// No password opens it. The checksum can't tell a wrong password from a changed file.
    case wrongPassword
    /// No password was given at all.
    case noPassword
}

extension VaultError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed(let reason): "damaged vault: \(reason)"
        case .unsupported(let what): "not supported: \(what)"
        case .wrongPassword: "wrong vault password, or the vault was changed"
        case .noPassword: "no vault password"
        }
    }
}
