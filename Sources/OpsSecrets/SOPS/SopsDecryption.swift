import Crypto
import Foundation
import OpsCore

/// A SOPS document whose values are known and whose checksum matched.
struct SopsDecrypted: Sendable {
    let document: SopsDocument
    let metadata: SopsMetadata
    let dataKey: SymmetricKey
    /// Plain values, one for each leaf; nil for null.
    let values: [SopsScalar?]
    /// Whether each leaf is encrypted in the file.
    let isEncrypted: [Bool]

    /// Checks everything before it gives anything.
    /// - Throws: `Diagnostic` without content: no identity, a damaged or moved value, a wrong checksum
    init(_ document: SopsDocument, metadata: SopsMetadata, file: String, keyring: SecretKeyring) throws {
        let dataKey = try SopsDataKey.unwrap(metadata, file: file, keyring: keyring)
        try self.init(document, metadata: metadata, dataKey: dataKey, file: file)
    }

    init(_ document: SopsDocument, metadata: SopsMetadata, dataKey: SymmetricKey, file: String) throws {
        let cipher = SopsCipher(key: dataKey)
        guard let selector = SopsSelector(metadata.rule) else {
            throw SopsMetadata.damaged("its rule is not a regular expression", SourceLocation(file: file))
        }
        var mac = SopsMAC(onlyEncrypted: metadata.macOnlyEncrypted)
        var values: [SopsScalar?] = []
        var isEncrypted: [Bool] = []
        for leaf in document.leaves {
            let encrypted = selector.isEncrypted(leaf)
            let value = try leaf.scalar.map { encrypted ? try Self.decrypt(leaf, $0, cipher) : $0 }
            if let value { mac.add(value, isEncrypted: encrypted) }
            values.append(value)
            isEncrypted.append(encrypted && leaf.scalar.map { value != $0 } ?? false)
        }
        try Self.check(mac.text, metadata, cipher, file: file)
        (self.document, self.metadata, self.dataKey) = (document, metadata, dataKey)
        (self.values, self.isEncrypted) = (values, isEncrypted)
    }

    private static func decrypt(
        _ leaf: SopsLeaf, _ scalar: SopsScalar, _ cipher: SopsCipher
    ) throws(Diagnostic) -> SopsScalar {
        if leaf.isComment { return comment(leaf, scalar, cipher) }
        do {
            guard scalar.kind == .string else { throw SopsCipher.Failure.malformed }
            let value = try cipher.decrypt(scalar.text, associatedData: SopsCipher.associatedData(leaf.path))
            // The kind is not authentic, and the checksum leaves comments out: as one, a copy of any item would
            // lengthen its list unnoticed.
            guard value.kind != .comment else { throw SopsCipher.Failure.authentication }
            return value
        } catch {
            let name = leaf.path.joined(separator: ".")
            let isPlain = scalar.kind != .string || !SopsCipher.isEncrypted(scalar.text)
            throw isPlain
                ? Diagnostic(
                    code: "secret-plain-value", "the value of '\(name)' is not encrypted", at: leaf.location,
                    hints: ["encrypt it with: opsctl secrets set \(leaf.location.file) \(name)"])
                : Diagnostic(
                    code: "secret-damaged",
                    "the value of '\(name)' was changed, or moved here from another key", at: leaf.location,
                    hints: ["restore the file from version control, or set the value again"])
        }
    }

    /// Comments aren't part of the checksum, and editors move them; SOPS itself lets them pass, too. One that holds
    /// several lines is a value that was made a comment, and would end as keys in the plain text.
    private static func comment(_ leaf: SopsLeaf, _ scalar: SopsScalar, _ cipher: SopsCipher) -> SopsScalar {
        for length in (0...leaf.path.count).reversed() {
            let data = SopsCipher.associatedData(Array(leaf.path.prefix(length)))
            guard let plain = try? cipher.decrypt(scalar.text, associatedData: data) else { continue }
            return plain.kind == .comment && plain.isOneLine ? plain : scalar
        }
        return scalar
    }

    private static func check(
        _ computed: String, _ metadata: SopsMetadata, _ cipher: SopsCipher, file: String
    ) throws(Diagnostic) {
        let stored = try? cipher.decrypt(metadata.mac, associatedData: metadata.lastModified)
        guard let stored, !metadata.mac.isEmpty, stored.text == computed else {
            throw Diagnostic(
                code: "secret-mac", "the checksum of the file does not match: it was changed by hand or merged",
                at: SourceLocation(file: file),
                hints: ["restore it from version control, or merge with: opsctl secrets merge"])
        }
    }

    /// All values; what was encrypted comes as `.secret`, except flags and null, which hide nothing.
    var value: Value { value(of: document.root) }

    private func value(of node: SopsNode) -> Value {
        switch node {
        case .leaf(let index):
            guard let scalar = values[index] else { return .null }
            return scalar.value(isSecret: isEncrypted[index])
        case .list(let items): return .list(items.map(value(of:)))
        case .map(let entries):
            return .map(ValueMap(entries.map { (.string($0.key), value(of: $0.node)) }, uniquingKeysWith: { $1 }))
        }
    }
}

extension SopsScalar {
    func value(isSecret: Bool) -> Value {
        switch kind {
        case .bool: return .bool(text == "True")
        case .int where !isSecret: return Int(text).map(Value.int) ?? .string(text)
        case .float where !isSecret: return Double(text).map(Value.double) ?? .string(text)
        default: return isSecret ? .secret(Secret(text)) : .string(text)
        }
    }
}
