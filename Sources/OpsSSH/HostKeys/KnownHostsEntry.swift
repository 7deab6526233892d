import Foundation
import OpsCore

/// One line of a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT").
struct KnownHostsEntry: Sendable {
    enum Marker: String, Sendable {
        case revoked = "@revoked"
        case certificateAuthority = "@cert-authority"
    }

    var marker: Marker?
    var names: HostNamePatterns
    var keyType: String
    var key: [UInt8]
    var location: SourceLocation

    /// - Returns: nil for comments, empty lines and whatever can't be read; OpenSSH skips those as well.
    init?(line: Substring, location: SourceLocation) {
        var fields = line.split(omittingEmptySubsequences: true) { $0 == " " || $0 == "\t" }[...]
        guard let first = fields.first, !first.hasPrefix("#") else { return nil }
        if first.hasPrefix("@") {
            guard let marker = Marker(rawValue: String(first)) else { return nil }
            self.marker = marker
            fields.removeFirst()
        }
        guard fields.count >= 3 else { return nil }
        let (names, type, base64) = (fields.removeFirst(), fields.removeFirst(), fields.removeFirst())
        guard let key = Data(base64Encoded: String(base64)).map({ Array($0) }), KeyType.of(key) == String(type) else {
            return nil
        }
        self.names = HostNamePatterns(names)
        self.keyType = String(type)
        self.key = key
        self.location = location
    }
}
