/// Why an age file could not be read. Nothing in it shows content.
public enum AgeError: Error, Hashable, Sendable {
    /// The armor (PEM-like text form) is not strict.
    case armor(String)
    /// The header breaks the format, or a stanza meant for one of our identities is malformed.
    case header(String)
    /// None of the identities opens any stanza.
    case noMatch
    /// The file key was found, but the header was changed after it was written.
    case headerMAC
    /// The payload was changed, cut short or extended.
    case payload(String)
    /// The file asks for something that is deliberately not supported, named here.
    case unsupported(String)
    /// A passphrase opens nothing here; with the key file that it was asked for, if it wasn't for the file itself.
    case wrongPassphrase(of: String? = nil)
    /// A recipient or identity that a user wrote can't be read.
    case key(String)
}

extension AgeError {
    var isWrongPassphrase: Bool { if case .wrongPassphrase = self { true } else { false } }
}

extension AgeError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .armor(let reason): "damaged armor: \(reason)"
        case .header(let reason): "damaged age header: \(reason)"
        case .noMatch: "no identity for this file"
        case .headerMAC: "damaged age header: its checksum does not match"
        case .payload(let reason): "damaged age payload: \(reason)"
        case .unsupported(let what): "not supported: \(what)"
        case .wrongPassphrase(let path): "wrong passphrase" + (path.map { " for \($0)" } ?? "")
        case .key(let reason): reason
        }
    }
}
