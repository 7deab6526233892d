/// Why an SSH key can't be used.
public enum SSHKeyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The passphrase does not open the file, or there is none.
    case wrongPassphrase
    /// Damaged, weak, or of a kind that is not supported; in words.
    case unusable(String)

    public var description: String {
        switch self {
        case .wrongPassphrase: "wrong passphrase"
        case .unusable(let reason): reason
        }
    }
}
