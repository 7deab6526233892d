import Crypto
import Foundation

/// The header of an age v1 file (C2SP age.md): who can open it, and a checksum by the file key.
struct AgeHeader: Hashable, Sendable {
    static let intro = "age-encryption.org/v1\n"
    /// Longest header read. A recipient takes some 100 bytes, so this is room for thousands.
    static let maximumLength = 1 << 20

    var stanzas: [AgeStanza]
    var mac: [UInt8]

    /// The text that the checksum covers: everything up to and including `---`.
    private static func covered(_ stanzas: [AgeStanza]) -> String {
        intro + stanzas.map(\.text).joined() + "---"
    }

    /// Header for a file key wrapped in `stanzas`.
    init(stanzas: [AgeStanza], fileKey: SymmetricKey) {
        self.stanzas = stanzas
        let code = HMAC<SHA256>.authenticationCode(
            for: Data(Self.covered(stanzas).utf8), using: Self.macKey(fileKey))
        mac = Array(code)
    }

    var text: String { Self.covered(stanzas) + " " + Base64Codec.encode(mac, padded: false) + "\n" }

    func isAuthentic(for fileKey: SymmetricKey) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(
            mac, authenticating: Data(Self.covered(stanzas).utf8), using: Self.macKey(fileKey))
    }

    private static func macKey(_ fileKey: SymmetricKey) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: fileKey, info: Data("header".utf8), outputByteCount: 32)
    }
}

extension AgeHeader {
    /// Reads a whole header, from its first byte to the line feed after the checksum.
    init(parsing bytes: some Collection<UInt8>) throws(AgeError) {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)[...]
        guard lines.popLast()?.isEmpty == true, let first = lines.popFirst(),
            first.elementsEqual(Self.intro.utf8.dropLast())
        else { throw .header("it is not age-encryption.org/v1") }
        guard let last = lines.popLast(), last.starts(with: "--- ".utf8),
            let mac = Base64Codec.decode(Array(last.dropFirst(4)), padded: false), mac.count == 32
        else { throw .header("the checksum line is malformed") }
        self.mac = mac
        stanzas = []
        while let line = lines.popFirst() {
            let arguments = try Self.arguments(of: line)
            stanzas.append(AgeStanza(arguments: arguments, body: try Self.body(&lines)))
        }
        guard !stanzas.isEmpty else { throw .header("it has no recipients") }
        guard stanzas.count == 1 || !stanzas.contains(where: { $0.type == AgeScrypt.stanzaType }) else {
            throw .header("a passphrase stands beside other recipients")
        }
    }

    private static func arguments(of line: some Collection<UInt8>) throws(AgeError) -> [String] {
        guard line.starts(with: "-> ".utf8) else { throw .header("a recipient line is malformed") }
        let words = line.dropFirst(3).split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard words.allSatisfy({ !$0.isEmpty && $0.allSatisfy { (33...126).contains($0) } }) else {
            throw .header("a recipient's arguments are malformed")
        }
        return words.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Takes base64 lines up to the first that is shorter than 64 columns.
    private static func body(_ lines: inout ArraySlice<some Collection<UInt8>>) throws(AgeError) -> [UInt8] {
        var text: [UInt8] = []
        while let line = lines.popFirst() {
            guard line.count <= 64 else { throw .header("a recipient's body has a long line") }
            text += line
            guard line.count < 64 else { continue }
            guard let body = Base64Codec.decode(text, padded: false) else {
                throw .header("a recipient's body is not base64")
            }
            return body
        }
        throw .header("a recipient's body has no end")
    }
}
