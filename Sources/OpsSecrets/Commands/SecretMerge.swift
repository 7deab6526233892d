import Foundation
import OpsCore

/// `opsctl secrets merge`: a git merge driver that merges plaintexts and encrypts the result.
public enum SecretMerge {
    /// Merges three versions of one file.
    ///
    /// Lines are merged as git does; recipients, too, if only one side changed them. The result keeps the
    /// ciphertexts of our version.
    /// - Returns: the bytes for our file
    /// - Throws: `Diagnostic` naming the keys in conflict, never their values. Our file is then still the
    ///   valid file that it was, and git reports a conflict.
    public static func merge(
        base: [UInt8], ours: [UInt8], theirs: [UInt8], file: String, keyring: SecretKeyring,
        recipients: [any AgeRecipient] = [], now: Date = Date()
    ) throws -> [UInt8] {
        if theirs == base || theirs == ours { return ours }
        if ours == base { return theirs }
        let our = try SecretDocument(ours, file: file, keyring: keyring)
        let their = try SecretDocument(theirs, file: file, keyring: keyring)
        // Both sides may have added the file, then there is no common version.
        let common = base.isEmpty ? nil : try SecretDocument(base, file: file, keyring: keyring)
        guard our.format == their.format else { throw conflict("the two sides have different formats", file) }
        let target = try withMergedRecipients(our, their, common, file: file)
        let known = try ([our, their] + (common.map { [$0] } ?? [])).reduce(into: Set()) { known, document in
            known.formUnion(try values(of: document.plaintext, our.format, file))
        }
        do {
            let joined = try LineMerge.merge(
                base: common.map { lines($0.plaintext) } ?? [], ours: lines(our.plaintext), theirs: lines(their.plaintext))
            let merged = Array(joined.joined(separator: "\n").utf8)
            // Lines of both sides may meet in one value, which then is nobody's.
            let mixed = try values(of: merged, our.format, file).subtracting(known)
            guard mixed.isEmpty else {
                throw conflict("both sides changed: \(Set(mixed.map(\.name)).sorted().joined(separator: ", "))", file)
            }
            return try target.replacing(plaintext: merged, recipients: recipients, now: now)
        } catch let error as LineMerge.Conflict {
            let keys = error.lines.map { key(at: $0, of: our) }
            throw conflict("both sides changed: \(keys.joined(separator: ", "))", file)
        }
    }

    /// The document that the result is made from: theirs, if only they changed the recipients.
    private static func withMergedRecipients(
        _ our: SecretDocument, _ their: SecretDocument, _ common: SecretDocument?, file: String
    ) throws(Diagnostic) -> SecretDocument {
        let (ours, theirs) = (Set(our.recipients), Set(their.recipients))
        if ours == theirs { return our }
        let before = common.map { Set($0.recipients) }
        if theirs == before { return our }
        guard ours == before else { throw conflict("both sides changed the recipients", file) }
        return their
    }

    /// A value and the keys that it stands under; list positions shift when items are added.
    private struct Place: Hashable {
        var name: String
        var value: Value
    }

    /// - Throws: `Diagnostic` for a plaintext that isn't made of values: the halves of a key file don't make a key
    private static func values(
        of plaintext: [UInt8], _ format: SecretFile.Format, _ file: String
    ) throws(Diagnostic) -> Set<Place> {
        guard let syntax = format.syntax else {
            let leaves = SecretDiff.leaves(of: try PlainYAML.value(of: plaintext, file: file))
            return Set(leaves.map { path, value in
                let keys = path.split(separator: ".").filter { Int($0) == nil }
                return Place(name: keys.joined(separator: "."), value: value)
            })
        }
        let document = try syntax.parse(SopsFile.text(plaintext, file: file), file: file)
        return Set(document.leaves.filter { !$0.isComment }.map { leaf in
            Place(name: leaf.path.joined(separator: "."), value: leaf.scalar?.value(isSecret: true) ?? .null)
        })
    }

    private static func lines(_ text: [UInt8]) -> [String] {
        String(decoding: text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// The key that stands at a line, or before it.
    private static func key(at line: Int, of document: SecretDocument) -> String {
        let format = document.format == .ansibleVault || document.format == .age ? .sopsYAML : document.format
        guard let plain = try? PlainDocument(document.plaintext, format: format, file: document.file) else {
            return "line \(line)"
        }
        let leaf =
            plain.document.leaves.first { !$0.isComment && $0.location.line >= line }
            ?? plain.document.leaves.last { !$0.isComment }
        return leaf.map { $0.path.joined(separator: ".") } ?? "line \(line)"
    }

    private static func conflict(_ message: String, _ file: String) -> Diagnostic {
        Diagnostic(
            code: "secret-merge-conflict", message, at: SourceLocation(file: file),
            hints: [
                "the file is our version, still encrypted",
                "compare with: opsctl secrets diff; then set the value with: opsctl secrets set \(file) KEY",
            ])
    }
}
