import OpsCore

/// How one file format holds values, comments and SOPS's metadata as text.
///
/// opsctl edits the text in place: what isn't a changed value stays byte for byte, comments, order,
/// quotes and blank lines included. A tree that is written out again would keep none of that.
protocol SopsSyntax: SendableMetatype {
    /// Reads a document, encrypted or not.
    /// - Throws: `Diagnostic` without content
    static func parse(_ text: String, file: String) throws(Diagnostic) -> SopsDocument
    /// The text of a plain value at a leaf's place.
    static func plain(_ scalar: SopsScalar, at leaf: SopsLeaf) -> String
    /// The text of an `ENC[...]` value at a leaf's place.
    static func encrypted(_ text: String, at leaf: SopsLeaf) -> String
    /// A document without metadata, with metadata added at its end.
    static func adding(_ metadata: SopsMetadata, to document: SopsDocument) -> [UInt8]
    /// The same with the text that stood at `metadataRange` of the file before.
    static func adding(metadataText: String, to document: SopsDocument) -> [UInt8]
    /// The plain document with a new value where none was.
    /// - Throws: `Diagnostic` if there is no place for such a path
    static func inserting(
        _ scalar: SopsScalar, at path: [String], in document: SopsDocument, file: String
    ) throws(Diagnostic) -> [UInt8]
}

extension SopsSyntax {
    static func adding(metadataText: String, to document: SopsDocument) -> [UInt8] {
        let lineBreak = document.text.last ?? 10 == 10 ? "" : "\n"
        return document.text + (lineBreak + metadataText).utf8
    }
}

extension SecretFile.Format {
    /// Nil for formats that aren't SOPS's.
    var syntax: (any SopsSyntax.Type)? {
        switch self {
        case .sopsYAML: SopsYAML.self
        case .sopsJSON: SopsJSON.self
        case .sopsDotenv: SopsDotenv.self
        case .sopsINI: SopsINI.self
        case .age, .ansibleVault, .plain: nil
        }
    }
}
