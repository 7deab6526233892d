import OpsCore

/// What can be told of an encrypted file without any key: whether it has the whole form of its format, and not only
/// the first words of it.
enum SecretForm {
    /// - Returns: what is wrong, located; nothing for a file that a key may open
    static func findings(_ bytes: [UInt8], file: String) -> [Diagnostic] {
        let format = SecretFile.detect(bytes)
        do {
            switch format {
            case .plain: return [SecretFile.plain(file, bytes)]
            case .ansibleVault: _ = try VaultEnvelope(bytes)
            case .age: try checkAge(bytes)
            case .sopsYAML, .sopsJSON, .sopsDotenv, .sopsINI:
                guard let syntax = format.syntax else { return [SecretFile.plain(file, bytes)] }
                let document = try syntax.parse(SopsFile.text(bytes, file: file), file: file)
                return try plainValues(in: document, file: file)
            }
            return []
        } catch let error as Diagnostic {
            return [error]
        } catch {
            return [
                Diagnostic(
                    code: "secret-damaged", "the file begins like one that is encrypted, but isn't: \(error)",
                    at: SourceLocation(file: file), hints: ["restore it from version control or a backup, or encrypt it anew"])
            ]
        }
    }

    /// Armor, header, and a payload that can't be plain text.
    /// - Throws: `AgeError`
    private static func checkAge(_ bytes: [UInt8]) throws(AgeError) {
        var file = bytes
        if AgeArmor.isArmored(bytes) {
            var armor = AgeArmorDecoder()
            file = try armor.feed(bytes)
            file += try armor.finish()
        }
        guard let mark = file.firstRange(of: Array("\n---".utf8)), let end = file[mark.upperBound...].firstIndex(of: 10)
        else { throw .header("it is cut short") }
        _ = try AgeHeader(parsing: file[...end])
        let payload = file[(end + 1)...]
        guard payload.count >= AgeStream.nonceSize + AgeStream.tagSize, String(validating: payload, as: UTF8.self) == nil
        else { throw .payload("it is not encrypted") }
    }

    /// Values of a SOPS file that its rule wants encrypted and that aren't.
    private static func plainValues(in document: SopsDocument, file: String) throws(Diagnostic) -> [Diagnostic] {
        guard let metadata = document.metadata else { throw SecretFile.plain(file) }
        guard let selector = SopsSelector(metadata.rule) else {
            throw SopsMetadata.damaged("its rule is not a regular expression", SourceLocation(file: file))
        }
        return document.leaves.compactMap { leaf in
            guard !leaf.isComment, let scalar = leaf.scalar, !scalar.text.isEmpty, selector.isEncrypted(leaf),
                !SopsCipher.isWellFormed(scalar.text)
            else { return nil }
            let name = leaf.path.joined(separator: ".")
            return Diagnostic(
                code: "secret-plain-value", "the value of '\(name)' is not encrypted", at: leaf.location,
                hints: ["encrypt it with: opsctl secrets set \(leaf.location.file) \(name)"])
        }
    }
}
