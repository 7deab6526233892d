import Crypto
import Foundation
import OpsCore

/// Turns a plain document into an encrypted one.
struct SopsSealer {
    /// What a ciphertext holds: the same value under the same keys may keep its ciphertext.
    struct Place: Hashable {
        var path: [String]
        var value: SopsScalar
    }

    let dataKey: SymmetricKey
    let metadata: SopsMetadata
    let syntax: any SopsSyntax.Type
    let known: [Place: String]

    /// - Parameter metadataText: metadata of the file before, kept but for its time and checksum
    /// - Throws: `Diagnostic`; also when the result doesn't decrypt to what went in, which would be a
    ///   mistake here and must never replace a good file
    func seal(_ document: SopsDocument, file: String, now: Date, metadataText: String?) throws -> [UInt8] {
        guard document.metadata == nil, document.metadataRange == nil else {
            throw Diagnostic(
                code: "secret-encrypted", "the plain text has SOPS metadata", at: SourceLocation(file: file))
        }
        guard let selector = SopsSelector(metadata.rule) else {
            throw SopsMetadata.damaged("its rule is not a regular expression", SourceLocation(file: file))
        }
        for leaf in document.leaves { try refuseLossyNumber(leaf, of: document.text) }
        let cipher = SopsCipher(key: dataKey)
        var mac = SopsMAC(onlyEncrypted: metadata.macOnlyEncrypted)
        var edits: [(range: Range<Int>, text: String)] = []
        for leaf in document.leaves {
            guard let value = leaf.scalar else { continue }
            let isEncrypted = selector.isEncrypted(leaf)
            mac.add(value, isEncrypted: isEncrypted)
            guard isEncrypted, !(value.text.isEmpty && value.kind != .comment) else { continue }
            let text =
                try known[Place(path: leaf.path, value: value)]
                ?? cipher.encrypt(value, associatedData: SopsCipher.associatedData(leaf.path))
            edits.append((leaf.range, syntax.encrypted(text, at: leaf)))
        }
        let sealed = document.replacing(edits)
        let result = try addMetadata(to: sealed, mac: mac.text, cipher: cipher, now: now, metadataText, file: file)
        try verify(result, against: document, file: file)
        return result
    }

    /// A whole number beyond 64 bits would come back as another one, rounded or endless.
    private func refuseLossyNumber(_ leaf: SopsLeaf, of text: [UInt8]) throws(Diagnostic) {
        guard let scalar = leaf.scalar, scalar.kind == .float else { return }
        let digits = text[leaf.range].drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
        let isWhole = digits.allSatisfy { (48...57).contains($0) || $0 == UInt8(ascii: "_") }
        let isEndless = scalar.text.hasSuffix("Inf") && digits.contains { (48...57).contains($0) }
        guard isWhole || isEndless else { return }
        throw Diagnostic(
            code: "secret-number", "the number of '\(leaf.path.joined(separator: "."))' is too large to be kept exactly",
            at: leaf.location, hints: ["put it in quotes, so that it is a text"])
    }

    private func addMetadata(
        to sealed: [UInt8], mac: String, cipher: SopsCipher, now: Date, _ before: String?, file: String
    ) throws -> [UInt8] {
        var metadata = metadata
        metadata.lastModified = now.formatted(.iso8601)
        metadata.mac = try cipher.encrypt(SopsScalar(.string, mac), associatedData: metadata.lastModified)
        let document = try syntax.parse(SopsFile.text(sealed, file: file), file: file)
        guard var text = before, let modified = text.range(of: "lastmodified"),
            let stamp = text.range(of: self.metadata.lastModified, range: modified.upperBound..<text.endIndex)
        else { return syntax.adding(metadata, to: document) }
        text.replaceSubrange(stamp, with: metadata.lastModified)
        guard let range = text.range(of: self.metadata.mac) else { return syntax.adding(metadata, to: document) }
        text.replaceSubrange(range, with: metadata.mac)
        return syntax.adding(metadataText: text, to: document)
    }

    /// Reads the result back with the same key.
    private func verify(_ result: [UInt8], against document: SopsDocument, file: String) throws {
        let written = try syntax.parse(SopsFile.text(result, file: file), file: file)
        guard let metadata = written.metadata else { throw Self.failure(file) }
        let opened = try SopsDecrypted(written, metadata: metadata, dataKey: dataKey, file: file)
        let values = zip(written.leaves, opened.values).filter { !$0.0.isComment }.map(\.1)
        guard values == document.leaves.filter({ !$0.isComment }).map(\.scalar) else { throw Self.failure(file) }
    }

    private static func failure(_ file: String) -> Diagnostic {
        Diagnostic(
            code: "secret-not-written", "the encrypted file would not read back as it was; nothing was written",
            at: SourceLocation(file: file), hints: ["write the document in a simpler form, such as double quotes"])
    }
}
