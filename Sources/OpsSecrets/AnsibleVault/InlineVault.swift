import OpsCore
import Yams

/// Inline `!vault` values of YAML files.
public enum InlineVault {
    private static let maximumNodes = 200_000
    private static let maximumDepth = 500
    static let tags: Set<String> = ["!vault", "!vault-encrypted"]

    /// The text with every inline value decrypted in place; nil if there is none.
    /// - Throws: `Diagnostic` at the value that can't be opened
    public static func decrypting(_ bytes: [UInt8], file: String, keyring: SecretKeyring) throws -> [UInt8]? {
        let content = try SopsFile.text(bytes, file: file)
        guard content.contains("!vault"), let root = try SopsYAML.compose(content, file: file) else { return nil }
        let text = SopsYAMLText(content)
        var edits: [(range: Range<Int>, text: String)] = []
        var position = 0
        var budget = maximumNodes
        try visit(root, Place(), &budget) { scalar, place in
            guard tags.contains(scalar.tag.description) else { return }
            let indent = place.indent
            // An alias comes as a copy with the place of what it names, which is done already.
            let start = text.offset(of: scalar.mark)
            guard start >= position else { return }
            position = start + 1
            let location = SopsYAML.location(scalar.mark, file: file)
            guard let range = text.range(of: scalar, parentIndent: indent) else {
                throw Diagnostic(
                    code: "secret-unsupported", "this way of writing a vault value is not supported", at: location)
            }
            do {
                let secret = try keyring.vault.decryptInline(scalar.string)
                let plain = secret.reveal { SopsYAML.string($0, blockIndent: max(indent, 0)) }
                edits.append((start..<range.upperBound, plain))
            } catch let error as VaultError {
                throw SecretDiagnostic.vault(error, at: location)
            }
        }
        guard !edits.isEmpty else { return nil }
        return SopsDocument(text: bytes, root: .map([]), leaves: []).replacing(edits)
    }

    /// An encrypted value as YAML: the tag, then the envelope as a block.
    /// - Parameter indent: columns before each line of the envelope; Ansible writes 10
    /// - Throws: `VaultError`
    public static func encrypt(_ secret: Secret, with password: VaultPassword, indent: Int = 10) throws -> String {
        let vault = AnsibleVault(passwords: [password])
        let text = try secret.reveal { try vault.encrypt(Array($0.utf8), with: password) }
        let margin = String(repeating: " ", count: indent)
        return "!vault |\n" + text.split(separator: "\n").map { margin + $0 + "\n" }.joined()
    }

    /// Keys and places of the values that are neither encrypted nor empty nor made from other variables.
    /// - Throws: `Diagnostic` for what isn't YAML
    static func plainValues(_ bytes: [UInt8], file: String) throws -> [(key: String, location: SourceLocation)] {
        var found: [(key: String, location: SourceLocation)] = []
        guard let root = try SopsYAML.compose(SopsFile.text(bytes, file: file), file: file) else { return found }
        var budget = maximumNodes
        try visit(root, Place(), &budget) { scalar, place in
            let isFlag = scalar.style == .plain && PlainYAML.flag(scalar.string) != nil
            let isTemplate = scalar.string.contains("{{")
            guard !tags.contains(scalar.tag.description), !isFlag, !isTemplate, !scalar.string.isEmpty else { return }
            found.append((place.key, SopsYAML.location(scalar.mark, file: file)))
        }
        return found
    }

    /// Where a scalar stands: under which key, and the column of what holds it.
    private struct Place {
        var key = ""
        var indent = -1
        var depth = 0

        func below(_ mark: Mark?, key: String? = nil) -> Place {
            Place(key: key ?? self.key, indent: (mark?.column ?? 1) - 1, depth: depth + 1)
        }
    }

    /// Calls `body` for each scalar. What aliases repeat counts each time.
    private static func visit(
        _ node: Node, _ place: Place, _ budget: inout Int, _ body: (Node.Scalar, Place) throws -> Void
    ) throws {
        budget -= 1
        guard budget > 0, place.depth < maximumDepth else {
            throw Diagnostic(code: "secret-too-large", "too many values in the file, or nested too deeply")
        }
        switch node {
        case .scalar(let scalar): try body(scalar, place)
        case .sequence(let items):
            for item in items { try visit(item, place.below(items.mark), &budget, body) }
        case .mapping(let mapping):
            for (key, value) in mapping { try visit(value, place.below(key.mark, key: key.scalar?.string), &budget, body) }
        case .alias: break
        }
    }
}
