import OpsCore
import Yams

/// Reads YAML 1.1 as PyYAML does, with the place of every node.
///
/// Bounded against hostile files: size, nesting, and what aliases expand to.
public struct YAMLParser: Sendable {
    /// Largest file that is read, in bytes.
    public static let maximumSize = 32 << 20
    /// How many nodes aliases may add to those that were written.
    public static let maximumExpansion = 200_000

    public init() {}

    /// Parses a text that holds one document. One that is JSON is read as such, as Ansible does: `1e5` is a number
    /// there, and tabs may indent it.
    ///
    /// - Parameter file: the path that diagnostics name.
    /// - Throws: everything that is wrong with the text; the syntax is checked up to its first error.
    public func parse(_ text: String, file: String) throws(DiagnosticError) -> YAMLDocument {
        if let document = try json(text, file) { return document }
        // Without resolver rules: our own ones apply, and Yams doesn't run its regular expressions.
        let node = try compose(text, file) { try Yams.compose(yaml: text, .basic) }
        guard let node else { return YAMLDocument(root: nil, warnings: []) }
        return try document(node, YAMLConverter(text, file: file))
    }

    /// nil if the text is no JSON.
    private func json(_ text: String, _ file: String) throws(DiagnosticError) -> YAMLDocument? {
        let first = text.utf8.first { ![32, 9, 10, 13].contains($0) }
        guard first == UInt8(ascii: "{") || first == UInt8(ascii: "["), text.utf8.count <= Self.maximumSize else { return nil }
        let document: JSONParser.Document
        do throws(JSONParser.Problem) { document = try JSONParser.parse(text, file: file) } catch {
            guard error.isTooLarge else { return nil }
            throw DiagnosticError(
                Diagnostic(
                    code: "integer-too-large", error.message, at: error.location, hints: ["quote it if it is a text"]))
        }
        var findings = DiagnosticCollector()
        for duplicate in document.duplicates { findings.add(.duplicateKey(duplicate.key, first: duplicate.value.location)) }
        try findings.throwIfErrors()
        return YAMLDocument(root: document.root, warnings: [])
    }

    /// Parses all documents of a text, those between `---`.
    public func documents(_ text: String, file: String) throws(DiagnosticError) -> [YAMLDocument] {
        let nodes = try compose(text, file) {
            var sequence = try Yams.compose_all(yaml: text, .basic)
            var nodes: [Node] = []
            while let node = sequence.next() { nodes.append(node) }
            if let error = sequence.error { throw error }
            return nodes
        }
        // A text of many small documents has no more for aliases to add than one large document.
        var budget: Int?
        var documents: [YAMLDocument] = []
        for node in nodes {
            var converter = YAMLConverter(text, file: file)
            converter.budget = budget ?? converter.budget
            documents.append(try document(node, converter, budget: &budget))
        }
        return documents
    }

    private func document(_ node: Node, _ converter: YAMLConverter) throws(DiagnosticError) -> YAMLDocument {
        var ignored: Int?
        return try document(node, converter, budget: &ignored)
    }

    private func document(
        _ node: Node, _ converter: YAMLConverter, budget: inout Int?
    ) throws(DiagnosticError) -> YAMLDocument {
        var converter = converter
        let root = converter.convert(node)
        budget = converter.budget
        try converter.diagnostics.throwIfErrors()
        return YAMLDocument(root: root, warnings: converter.diagnostics.diagnostics)
    }

    private func compose<T>(_ text: String, _ file: String, _ body: () throws -> T) throws(DiagnosticError) -> T {
        guard text.utf8.count <= Self.maximumSize else {
            let limit = Self.maximumSize >> 20
            throw DiagnosticError(
                Diagnostic(
                    code: "yaml-too-large", "the file is larger than \(limit) MB", at: SourceLocation(file: file)))
        }
        if let diagnostic = YAMLAliasKeys.check(text, file: file) { throw DiagnosticError(diagnostic) }
        do { return try body() } catch {
            throw DiagnosticError(YAMLSyntaxError(text: text, file: file).diagnostic(for: error))
        }
    }
}

/// Refuses aliases as keys of mappings.
///
/// Comparing keys looks into everything that they name, so a few nested aliases would take for ever.
public enum YAMLAliasKeys {
    /// The first such alias in a text; nil if there is none.
    public static func check(_ text: String, file: String) -> Diagnostic? {
        guard text.utf8.contains(UInt8(ascii: "&")), text.utf8.contains(UInt8(ascii: "*")) else { return nil }
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            guard line.utf8.contains(UInt8(ascii: "*")), let name = aliasKey(in: line), text.contains("&\(name)")
            else { continue }
            return Diagnostic(
                code: "yaml-alias-key", "an alias can't be the key of a mapping: '*\(name)'",
                at: SourceLocation(file: file, line: index + 1), hints: ["write the key itself"])
        }
        return nil
    }

    private static func aliasKey(in line: Substring) -> Substring? {
        if let match = line.firstMatch(of: /(?:^|[\s\[{,])\*([^\s\[\]{},]+)\s*:(?:\s|$)/) { return match.1 }
        if let match = line.firstMatch(of: /(?:^|[\s\[{,])\?\s+\*([^\s\[\]{},]+)/) { return match.1 }
        return nil
    }
}
