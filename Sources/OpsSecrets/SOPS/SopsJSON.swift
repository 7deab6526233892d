import OpsCore

/// JSON as SOPS holds it (stores/json): whole numbers are `int`, others `float`; no comments.
enum SopsJSON: SopsSyntax {
    static func parse(_ text: String, file: String) throws(Diagnostic) -> SopsDocument {
        var parser = SopsJSONParser(text, file: file)
        return try parser.document()
    }

    static func encrypted(_ text: String, at leaf: SopsLeaf) -> String { "\"\(text)\"" }

    static func plain(_ scalar: SopsScalar, at leaf: SopsLeaf) -> String {
        switch scalar.kind {
        case .int: scalar.text
        case .bool: scalar.text.lowercased()
        case .float: scalar.text.contains(".") ? scalar.text : scalar.text + ".0"
        case .string, .bytes, .time, .comment: quoted(scalar.text)
        }
    }

    static func adding(_ metadata: SopsMetadata, to document: SopsDocument) -> [UInt8] {
        guard let close = document.text.lastIndex(of: UInt8(ascii: "}")) else { return document.text }
        let end = document.text[..<close].lastIndex { !AgeArmor.isSpace($0) } ?? close
        let isEmpty = document.text[end] == UInt8(ascii: "{")
        let indent = indentation(document.text)
        let entry = (isEmpty ? "" : ",") + "\n" + indent + "\"sops\": " + object(metadata, indent) + "\n"
        return document.replacing([(end + 1..<close, entry)])
    }

    /// Where the metadata wasn't last, its comma stood behind it.
    static func adding(metadataText: String, to document: SopsDocument) -> [UInt8] {
        guard let close = document.text.lastIndex(of: UInt8(ascii: "}")) else { return document.text }
        let end = document.text[..<close].lastIndex { !AgeArmor.isSpace($0) } ?? close
        let isEmpty = document.text[end] == UInt8(ascii: "{")
        let entry = metadataText.drop { $0 == "," }
        let bare = entry.hasSuffix(",") ? entry.dropLast() : entry
        return document.replacing([(end + 1..<end + 1, (isEmpty ? "" : ",") + bare)])
    }

    static func inserting(
        _ scalar: SopsScalar, at path: [String], in document: SopsDocument, file: String
    ) throws(Diagnostic) -> [UInt8] {
        guard path.count == 1, let close = document.text.lastIndex(of: UInt8(ascii: "}")) else {
            throw Diagnostic(
                code: "secret-no-such-key", "there is no key '\(path.joined(separator: "."))'",
                at: SourceLocation(file: file), hints: ["add it with: opsctl secrets edit \(file)"])
        }
        let end = document.text[..<close].lastIndex { !AgeArmor.isSpace($0) } ?? close
        let comma = document.text[end] == UInt8(ascii: "{") ? "" : ","
        let leaf = SopsLeaf(path: path, location: SourceLocation(file: file), range: 0..<0)
        let entry = "\(comma)\n\(indentation(document.text))\(quoted(path[0])): \(plain(scalar, at: leaf))\n"
        return document.replacing([(end + 1..<close, entry)])
    }

    /// White space before the first key; a tab, as SOPS writes, if there is none.
    private static func indentation(_ text: [UInt8]) -> String {
        guard let quote = text.firstIndex(of: UInt8(ascii: "\"")),
            let lineBreak = text[..<quote].lastIndex(of: 10), quote > lineBreak + 1
        else { return "\t" }
        return String(decoding: text[(lineBreak + 1)..<quote], as: UTF8.self)
    }

    private static func object(_ metadata: SopsMetadata, _ indent: String) -> String {
        let deep = indent + indent
        let recipients = metadata.recipients.map { recipient in
            """
            \(deep)\(indent){
            \(deep)\(deep)"enc": \(quoted(recipient.wrappedKey)),
            \(deep)\(deep)"recipient": \(quoted(recipient.name))
            \(deep)\(indent)}
            """
        }
        var lines = ["\(deep)\"age\": [\n\(recipients.joined(separator: ",\n"))\n\(deep)]"]
        func add(_ name: String, _ value: String) { lines.append("\(deep)\"\(name)\": \(value)") }
        let rule = metadata.rule.entry
        if rule.name.hasPrefix("encrypted") { add(rule.name, quoted(rule.value)) }
        add("lastmodified", quoted(metadata.lastModified))
        add("mac", quoted(metadata.mac))
        if metadata.macOnlyEncrypted { add("mac_only_encrypted", "true") }
        if rule.name.hasPrefix("unencrypted") { add(rule.name, quoted(rule.value)) }
        add("version", quoted(metadata.version))
        return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
    }

    static func quoted(_ text: String) -> String { QuotedString.of(text) { $0.value == 127 } }
}
