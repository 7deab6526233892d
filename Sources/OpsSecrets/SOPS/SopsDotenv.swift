import OpsCore

/// `NAME=value` lines as SOPS holds them (stores/dotenv): no quotes, `\n` stands for a line break.
enum SopsDotenv: SopsSyntax {
    private static let prefix = "sops_"

    static func parse(_ text: String, file: String) throws(Diagnostic) -> SopsDocument {
        var document = SopsDocument(text: Array(text.utf8), root: .map([]), leaves: [])
        var metadata: [(name: String, value: String)] = []
        var comments: [SopsLeaf] = []
        var names: Set<String> = []
        for line in SopsLines(text: document.text) where !line.range.isEmpty {
            let leaf = try leaf(line, of: document.text, file: file)
            // The last one would count, so that who has no key could put a value below an encrypted one.
            guard leaf.isComment || names.insert(leaf.path[0]).inserted else {
                throw Diagnostic(code: "dotenv-duplicate-key", "a name is there twice", at: leaf.location)
            }
            if leaf.isComment {
                comments.append(leaf)
            } else if leaf.path[0].hasPrefix(prefix) {
                metadata.append((String(leaf.path[0].dropFirst(prefix.count)), leaf.scalar?.text ?? ""))
                let start = document.metadataRange?.lowerBound ?? line.range.lowerBound
                document.metadataRange = start..<min(line.range.upperBound + 1, document.text.count)
            } else if document.metadataRange != nil {
                throw Diagnostic(
                    code: "secret-unsupported", "a value after SOPS's own lines", at: leaf.location)
            } else {
                document.leaves.append(leaf)
            }
        }
        if !metadata.isEmpty {
            document.metadata = try SopsFlatMetadata.metadata(metadata, at: SourceLocation(file: file))
        }
        document.root = .map(document.leaves.enumerated().map { ($0.element.path[0], .leaf($0.offset)) })
        let inForce = try withCommentsInForce(comments, &document.leaves, file: file)
        document.leaves += inForce
        return document
    }

    /// A comment, or a name and its value.
    private static func leaf(
        _ line: SopsLines.Line, of text: [UInt8], file: String
    ) throws(Diagnostic) -> SopsLeaf {
        let location = SourceLocation(file: file, line: line.number)
        let content = text[line.range]
        if content.first == UInt8(ascii: "#") {
            let range = line.range.lowerBound + 1..<line.range.upperBound
            let scalar = SopsScalar(.comment, String(decoding: text[range], as: UTF8.self))
            return SopsLeaf(path: [], scalar: scalar, location: location, range: range)
        }
        guard let equals = content.firstIndex(of: UInt8(ascii: "=")) else {
            throw Diagnostic(code: "dotenv-syntax", "expected NAME=value", at: location)
        }
        let value = String(decoding: content[(equals + 1)...], as: UTF8.self).replacingBytes("\\n", with: "\n")
        return SopsLeaf(
            path: [String(decoding: content[..<equals], as: UTF8.self)], scalar: SopsScalar(.string, value),
            location: location, range: equals + 1..<line.range.upperBound)
    }

    /// A comment is in force for the next value, and for the comments between.
    private static func withCommentsInForce(
        _ comments: [SopsLeaf], _ leaves: inout [SopsLeaf], file: String
    ) throws(Diagnostic) -> [SopsLeaf] {
        var result = comments
        var budget = SopsCommentBudget(file: file)
        var (next, inForce): (Int, [String]) = (0, [])
        for index in leaves.indices {
            while next < result.count, result[next].range.lowerBound < leaves[index].range.lowerBound {
                result[next].comments = try budget.spend(inForce)
                inForce.append(result[next].scalar?.text ?? "")
                next += 1
            }
            leaves[index].comments = try budget.spend(inForce)
            inForce = []
        }
        while next < result.count {
            result[next].comments = try budget.spend(inForce)
            inForce.append(result[next].scalar?.text ?? "")
            next += 1
        }
        return result
    }

    static func encrypted(_ text: String, at leaf: SopsLeaf) -> String { text }

    static func plain(_ scalar: SopsScalar, at leaf: SopsLeaf) -> String {
        scalar.text.replacingBytes("\n", with: "\\n")
    }

    static func adding(_ metadata: SopsMetadata, to document: SopsDocument) -> [UInt8] {
        let lineBreak = document.text.last ?? 10 == 10 ? "" : "\n"
        let lines = SopsFlatMetadata.pairs(metadata).map { name, value in
            "\(prefix)\(name)=\(value.replacingBytes("\n", with: "\\n"))\n"
        }
        return document.text + (lineBreak + lines.joined()).utf8
    }

    static func inserting(
        _ scalar: SopsScalar, at path: [String], in document: SopsDocument, file: String
    ) throws(Diagnostic) -> [UInt8] {
        guard path.count == 1, !path[0].isEmpty, !path[0].utf8.contains(where: Array("=\n".utf8).contains),
            !path[0].hasPrefix("#")
        else {
            throw Diagnostic(
                code: "secret-no-such-key", "a dotenv file holds no nested keys", at: SourceLocation(file: file))
        }
        let leaf = SopsLeaf(path: path, location: SourceLocation(file: file), range: 0..<0)
        let lineBreak = document.text.last ?? 10 == 10 ? "" : "\n"
        return document.text + "\(lineBreak)\(path[0])=\(plain(scalar, at: leaf))\n".utf8
    }
}
