import Crypto
import Foundation

/// SOPS's value cipher (aes/cipher.go): AES-256-GCM with a 32-byte IV, the key path as associated data.
struct SopsCipher: Sendable {
    private static let ivSize = 32
    private static let start = Array("ENC[AES256_GCM,data:".utf8)

    let key: SymmetricKey

    enum Failure: Error {
        /// Not of the form `ENC[AES256_GCM,data:...,iv:...,tag:...,type:...]`.
        case malformed
        /// Changed, moved to another key, or encrypted under another data key.
        case authentication
    }

    static func isEncrypted(_ text: String) -> Bool { text.utf8.starts(with: start) }

    /// Whether a text has the whole form of an encrypted value.
    static func isWellFormed(_ text: String) -> Bool { (try? parse(text)) != nil }

    /// Associated data of a value: the keys above it, without list positions.
    static func associatedData(_ path: [String]) -> String { path.joined(separator: ":") + ":" }

    /// The bytes inside are UTF-8 text except for type `bytes`, which nothing here writes.
    func decrypt(_ text: String, associatedData: String) throws(Failure) -> SopsScalar {
        // SOPS leaves the empty string as it is.
        if text.isEmpty { return SopsScalar(.string, "") }
        let parts = try Self.parse(text)
        guard let nonce = try? AES.GCM.Nonce(data: parts.iv),
            let box = try? AES.GCM.SealedBox(nonce: nonce, ciphertext: parts.data, tag: parts.tag)
        else { throw .malformed }
        guard let plain = try? AES.GCM.open(box, using: key, authenticating: Data(associatedData.utf8)) else {
            throw .authentication
        }
        guard let text = String(validating: plain, as: UTF8.self),
            let scalar = SopsScalar(parts.kind, text).canonical
        else { throw .malformed }
        return scalar
    }

    func encrypt(_ scalar: SopsScalar, associatedData: String) throws -> String {
        if scalar.text.isEmpty { return "" }
        let iv = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
        var plain = Array(scalar.text.utf8)
        defer { plain.wipe() }
        let box = try AES.GCM.seal(
            plain, using: key, nonce: AES.GCM.Nonce(data: iv), authenticating: Data(associatedData.utf8))
        let fields = [box.ciphertext, Data(iv), box.tag].map { Base64Codec.encode($0, padded: true) }
        return "ENC[AES256_GCM,data:\(fields[0]),iv:\(fields[1]),tag:\(fields[2]),type:\(scalar.kind.rawValue)]"
    }

    private struct Parts {
        var data: [UInt8]
        var iv: [UInt8]
        var tag: [UInt8]
        var kind: SopsScalar.Kind
    }

    private static func parse(_ text: String) throws(Failure) -> Parts {
        let bytes = Array(text.utf8)
        guard bytes.starts(with: start), bytes.last == UInt8(ascii: "]") else { throw .malformed }
        let fields = bytes[start.count..<(bytes.count - 1)].split(
            separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard fields.count == 4, let data = Base64Codec.decode(fields[0], padded: true),
            let iv = base64(fields[1], after: "iv:"), let tag = base64(fields[2], after: "tag:"),
            fields[3].starts(with: "type:".utf8),
            let kind = SopsScalar.Kind(rawValue: String(decoding: fields[3].dropFirst(5), as: UTF8.self)),
            (12...64).contains(iv.count), tag.count == 16, !data.isEmpty
        else { throw .malformed }
        return Parts(data: data, iv: iv, tag: tag, kind: kind)
    }

    private static func base64(_ field: ArraySlice<UInt8>, after name: String) -> [UInt8]? {
        guard field.starts(with: name.utf8) else { return nil }
        return Base64Codec.decode(field.dropFirst(name.utf8.count), padded: true)
    }
}
