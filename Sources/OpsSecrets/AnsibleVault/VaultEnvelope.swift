/// The text of an Ansible Vault 1.1 or 1.2: a line that says so, then hex of hex.
///
/// Format: ansible lib/ansible/parsing/vault/__init__.py.
public struct VaultEnvelope: Hashable, Sendable {
    static let marker = "$ANSIBLE_VAULT"
    private static let columns = 80

    /// The vault id of format 1.2, a hint only: nothing authenticates it.
    public var id: String?
    var salt: [UInt8]
    var mac: [UInt8]
    var ciphertext: [UInt8]

    init(id: String?, salt: [UInt8], mac: [UInt8], ciphertext: [UInt8]) {
        (self.id, self.salt, self.mac, self.ciphertext) = (id, salt, mac, ciphertext)
    }

    /// Whether text claims to be a vault.
    public static func isVault(_ bytes: some Sequence<UInt8>) -> Bool { bytes.starts(with: marker.utf8) }

    /// - Throws: `VaultError.malformed` or `.unsupported`
    public init(_ text: some Collection<UInt8>) throws(VaultError) {
        let lines = text.split(separator: UInt8(ascii: "\n")).map { line in
            line.filter { !AgeArmor.isSpace($0) }
        }
        guard let first = lines.first, let header = String(validating: first, as: UTF8.self) else {
            throw .malformed("it is empty")
        }
        id = try Self.id(header)
        guard let body = Hex.decode(lines.dropFirst().joined()) else { throw .malformed("its body is not hex") }
        let parts = body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard parts.count == 3, let salt = Hex.decode(parts[0]), let mac = Hex.decode(parts[1]),
            let ciphertext = Hex.decode(parts[2])
        else { throw .malformed("it must hold a salt, a checksum and data") }
        guard !salt.isEmpty, mac.count == 32, !ciphertext.isEmpty, ciphertext.count.isMultiple(of: 16) else {
            throw .malformed("it is cut short")
        }
        (self.salt, self.mac, self.ciphertext) = (salt, mac, ciphertext)
    }

    private static func id(_ header: String) throws(VaultError) -> String? {
        let fields = header.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
        guard fields[0] == marker, fields.count >= 3 else { throw .malformed("its first line is wrong") }
        guard ["1.1", "1.2"].contains(fields[1]) else { throw .unsupported("this version of the vault format") }
        guard fields[2] == "AES256" else { throw .unsupported("vault ciphers other than AES256") }
        return fields[1] == "1.2" && fields.count >= 4 && !fields[3].isEmpty ? fields[3] : nil
    }

    /// The whole text, with a line feed at its end.
    public var text: String {
        let inner = [salt, mac, ciphertext].map(Hex.encode).joined(separator: "\n")
        var body = Hex.encode(Array(inner.utf8))[...]
        var lines = [id.map { "\(Self.marker);1.2;AES256;\($0)" } ?? "\(Self.marker);1.1;AES256"]
        while !body.isEmpty {
            lines.append(String(body.prefix(Self.columns)))
            body = body.dropFirst(Self.columns)
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// Hexadecimal, written lower case, read in either.
enum Hex {
    static func encode(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var high: UInt8?
        for character in text {
            let digit: UInt8
            switch character {
            case 48...57: digit = character - 48
            case 65...70: digit = character - 55
            case 97...102: digit = character - 87
            default: return nil
            }
            if let first = high {
                bytes.append(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        return high == nil ? bytes : nil
    }
}
