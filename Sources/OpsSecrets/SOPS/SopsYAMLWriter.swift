import OpsCore

extension SopsYAML: SopsSyntax {
    static let metadataKey = "sops"

    static func parse(_ text: String, file: String) throws(Diagnostic) -> SopsDocument {
        try SopsYAMLReader.read(text, file: file)
    }

    static func encrypted(_ text: String, at leaf: SopsLeaf) -> String {
        if leaf.isComment { return text }
        // Inside [] and {}, brackets and commas would end the value.
        return text.isEmpty || leaf.blockIndent == nil ? "\"\(text)\"" : text
    }

    static func plain(_ scalar: SopsScalar, at leaf: SopsLeaf) -> String {
        switch scalar.kind {
        case .comment: scalar.text
        case .int, .time: scalar.text
        case .bool: scalar.text.lowercased()
        case .float: float(scalar.text)
        case .string, .bytes: string(scalar.text, blockIndent: leaf.blockIndent)
        }
    }

    /// A float must read back as one, so a whole number keeps a `.0`.
    private static func float(_ text: String) -> String {
        switch text {
        case "+Inf": ".inf"
        case "-Inf": "-.inf"
        case "NaN": ".nan"
        default: text.contains(".") ? text : text + ".0"
        }
    }

    /// Plain where no reader can take it for anything else, a block where lines are, else quoted.
    static func string(_ text: String, blockIndent: Int?) -> String {
        if isSafePlain(text) { return text }
        if let blockIndent, let block = block(text, indent: blockIndent) { return block }
        return quoted(text)
    }

    private static let plainSafe = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./+=@%^~".utf8)
    private static let flagWords: Set<String> = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"]

    private static func isSafePlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, (65...90).contains(first) || (97...122).contains(first) || first == 47,
            text.utf8.allSatisfy(plainSafe.contains), !flagWords.contains(text.lowercased())
        else { return false }
        return true
    }

    /// Nil if the text can't stand in a literal block.
    private static func block(_ text: String, indent: Int) -> String? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count > 1, let first = lines.first, !first.isEmpty, !first.hasPrefix(" "),
            text.unicodeScalars.allSatisfy({ $0 == "\n" || ($0.value >= 32 && $0.value != 127 && !isUnsafe($0)) }),
            !text.hasSuffix("\n\n"), lines.allSatisfy({ !$0.hasSuffix(" ") })
        else { return nil }
        let margin = String(repeating: " ", count: indent + 4)
        let body = (text.hasSuffix("\n") ? lines.dropLast() : lines[...]).map { $0.isEmpty ? "" : margin + $0 }
        return (["|" + (text.hasSuffix("\n") ? "" : "-")] + body).joined(separator: "\n")
    }

    /// Line breaks to YAML, and what it doesn't take as it is.
    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        [0x85, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF].contains(scalar.value)
    }

    static func quoted(_ text: String) -> String {
        QuotedString.of(text) { (127...160).contains($0.value) || isUnsafe($0) }
    }

    static func adding(_ metadata: SopsMetadata, to document: SopsDocument) -> [UInt8] {
        var text = document.text
        if text.last ?? 10 != 10 { text.append(10) }
        // `{}` and nothing at all are both an empty mapping, which no key can follow.
        if document.leaves.isEmpty, case .map(let entries) = document.root, entries.isEmpty { text = [] }
        return text + block(metadata).utf8
    }

    /// The `sops` key as SOPS writes it: sorted, four columns deep.
    private static func block(_ metadata: SopsMetadata) -> String {
        var lines = ["sops:", "    age:"]
        for recipient in metadata.recipients {
            lines.append("        - enc: |")
            lines += recipient.wrappedKey.split(separator: "\n").map { "            \($0)" }
            lines.append("          recipient: \(recipient.name)")
        }
        let (name, value) = metadata.rule.entry
        let rule = "    \(name): \(string(value, blockIndent: nil))"
        if name.hasPrefix("encrypted") { lines.append(rule) }
        lines.append("    lastmodified: \"\(metadata.lastModified)\"")
        lines.append("    mac: \(metadata.mac)")
        if metadata.macOnlyEncrypted { lines.append("    mac_only_encrypted: true") }
        if name.hasPrefix("unencrypted") { lines.append(rule) }
        lines.append("    version: \(metadata.version)")
        return lines.joined(separator: "\n") + "\n"
    }
}
