import OpsCore

/// INI as SOPS holds it (stores/ini): sections of `name = value`, every value a text.
///
/// SOPS's own reader drops or moves some comments; here they stay where and as they are.
enum SopsINI: SopsSyntax {
    private static let defaultSection = "DEFAULT"

    static func parse(_ text: String, file: String) throws(Diagnostic) -> SopsDocument {
        var parser = Parser(SopsDocument(text: Array(text.utf8), root: .map([]), leaves: []), file: file)
        for line in SopsLines(text: parser.document.text) { try parser.take(line) }
        return try parser.finish()
    }

    private struct Parser {
        var document: SopsDocument
        let file: String
        private var section = SopsINI.defaultSection
        private var sections: [(key: String, node: [(key: String, node: SopsNode)])] = []
        private var metadata: [(name: String, value: String)] = []
        /// Sections and names so far, to refuse those that come again: the last would count, so that who has no key
        /// could put a value below an encrypted one.
        private var known: Set<[String]> = []
        /// A value in three quotes that goes on over the next lines.
        private var open: (name: String, start: Int, location: SourceLocation)?

        init(_ document: SopsDocument, file: String) { (self.document, self.file) = (document, file) }

        mutating func take(_ line: SopsLines.Line) throws(Diagnostic) {
            let text = document.text
            if let open { return try close(open, line) }
            var range = line.range
            while let last = range.last, AgeArmor.isSpace(text[last]) { range = range.lowerBound..<last }
            while let first = range.first, AgeArmor.isSpace(text[first]) { range = first + 1..<range.upperBound }
            guard let first = range.first, ![UInt8(ascii: "#"), UInt8(ascii: ";")].contains(text[first]) else { return }
            let location = SourceLocation(file: file, line: line.number)
            if text[first] == UInt8(ascii: "[") { return try begin(range, line, location) }
            guard let equals = text[range].firstIndex(where: { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ":") })
            else {
                throw Diagnostic(code: "ini-syntax", "expected name = value", at: location)
            }
            let name = String(decoding: text[range.lowerBound..<equals], as: UTF8.self).trimmed
            guard !name.isEmpty else { throw Diagnostic(code: "ini-syntax", "a name is empty", at: location) }
            var value = equals + 1..<range.upperBound
            while let first = value.first, AgeArmor.isSpace(text[first]) { value = first + 1..<value.upperBound }
            let marks = SopsINI.threeQuotes
            if text[value].starts(with: marks), SopsINI.lastIndex(of: marks, in: text[value].dropFirst(3)) == nil {
                open = (name, value.lowerBound, location)
            } else {
                try add(name, value, location)
            }
        }

        private mutating func close(
            _ value: (name: String, start: Int, location: SourceLocation), _ line: SopsLines.Line
        ) throws(Diagnostic) {
            let marks = SopsINI.threeQuotes
            guard let end = SopsINI.lastIndex(of: marks, in: document.text[line.range]) else { return }
            open = nil
            try add(value.name, value.start..<end + marks.count, value.location)
        }

        private mutating func begin(_ range: Range<Int>, _ line: SopsLines.Line, _ location: SourceLocation)
            throws(Diagnostic)
        {
            guard let last = range.last, document.text[last] == UInt8(ascii: "]") else {
                throw Diagnostic(code: "ini-syntax", "a section's name has no ']'", at: location)
            }
            section = String(decoding: document.text[(range.lowerBound + 1)..<last], as: UTF8.self).trimmed
            guard known.insert([section]).inserted else {
                throw Diagnostic(code: "ini-duplicate-key", "a section is there twice", at: location)
            }
            if section == SopsYAML.metadataKey {
                // With the blank line that parts it from the section before.
                let start = line.range.lowerBound
                let hasGap = start >= 2 && document.text[start - 1] == 10 && document.text[start - 2] == 10
                document.metadataRange = (hasGap ? start - 1 : start)..<document.text.count
            } else if document.metadataRange != nil {
                throw Diagnostic(code: "secret-unsupported", "a section after SOPS's own", at: location)
            } else {
                sections.append((section, []))
            }
        }

        private mutating func add(_ name: String, _ value: Range<Int>, _ location: SourceLocation) throws(Diagnostic) {
            guard let text = SopsINI.unquoted(document.text[value]) else {
                throw Diagnostic(
                    code: "secret-unsupported", "a value that goes on over the next line is not supported", at: location,
                    hints: ["write it in three double quotes"])
            }
            guard known.insert([section, name]).inserted else {
                throw Diagnostic(code: "ini-duplicate-key", "a name is there twice", at: location)
            }
            if document.metadataRange != nil {
                return metadata.append((name, text.replacingBytes("\\n", with: "\n")))
            }
            // Values before any section have one that isn't written.
            if sections.isEmpty, known.insert([section]).inserted { sections.append((section, [])) }
            sections[sections.count - 1].node.append((name, .leaf(document.leaves.count)))
            document.leaves.append(
                SopsLeaf(
                    path: [section, name], scalar: SopsScalar(.string, text), location: location, range: value))
        }

        mutating func finish() throws(Diagnostic) -> SopsDocument {
            if let open { throw Diagnostic(code: "ini-syntax", "a value in quotes has no end", at: open.location) }
            document.root = .map(sections.map { ($0.key, .map($0.node)) })
            if !metadata.isEmpty {
                document.metadata = try SopsFlatMetadata.metadata(metadata, at: SourceLocation(file: file))
            }
            return document
        }
    }

    private static let threeQuotes = Array("\"\"\"".utf8)

    /// As the library behind SOPS reads a value (go-ini, `readValue`): in quotes up to the last one, otherwise `#` and
    /// `;` begin a comment. Nil if it goes on over the next line.
    private static func unquoted(_ value: ArraySlice<UInt8>) -> String? {
        for quote in [threeQuotes, Array("`".utf8)] where value.starts(with: quote) {
            let rest = value.dropFirst(quote.count)
            return lastIndex(of: quote, in: rest).map { String(decoding: rest[..<$0], as: UTF8.self) }
        }
        guard value.last != UInt8(ascii: "\\") else { return nil }
        let bare = value.prefix { $0 != UInt8(ascii: "#") && $0 != UInt8(ascii: ";") }
        let text = String(decoding: bare, as: UTF8.self).trimmed
        for quote in [UInt8(ascii: "'"), UInt8(ascii: "\"")] where text.utf8.count >= 2 {
            let isQuoted = text.utf8.first == quote && text.utf8.last == quote
            if isQuoted, text.utf8.count(where: { $0 == quote }) == 2 { return String(text.dropFirst().dropLast()) }
        }
        return text
    }

    private static func lastIndex(of mark: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        bytes.indices.last { bytes[$0...].starts(with: mark) }
    }

    static func encrypted(_ text: String, at leaf: SopsLeaf) -> String { text }

    private static let special = Set("#;\"'=:[\\".utf8)

    static func plain(_ scalar: SopsScalar, at leaf: SopsLeaf) -> String {
        let text = scalar.text
        if text.utf8.contains(10) || text.utf8.contains(UInt8(ascii: "`")) { return "\"\"\"\(text)\"\"\"" }
        let needsQuotes = text.utf8.contains(where: special.contains) || text != text.trimmed
        return needsQuotes ? "`\(text)`" : text
    }

    static func adding(_ metadata: SopsMetadata, to document: SopsDocument) -> [UInt8] {
        let lineBreak = document.text.last ?? 10 == 10 ? "" : "\n"
        let gap = document.text.isEmpty ? "" : "\n"
        let lines = SopsFlatMetadata.pairs(metadata).map { name, value in
            "\(name) = \(value.replacingBytes("\n", with: "\\n"))\n"
        }
        return document.text + (lineBreak + gap + "[sops]\n" + lines.joined()).utf8
    }

    static func inserting(
        _ scalar: SopsScalar, at path: [String], in document: SopsDocument, file: String
    ) throws(Diagnostic) -> [UInt8] {
        guard path.count == 2, path.allSatisfy({ !$0.isEmpty && !$0.utf8.contains(10) }) else {
            throw Diagnostic(
                code: "secret-no-such-key", "an INI file holds keys of the form SECTION.NAME",
                at: SourceLocation(file: file))
        }
        let leaf = SopsLeaf(path: path, location: SourceLocation(file: file), range: 0..<0)
        let line = "\(path[1]) = \(plain(scalar, at: leaf))\n"
        if let last = document.leaves.last(where: { $0.path.first == path[0] }) {
            let end = document.text[last.range.upperBound...].firstIndex(of: 10).map { $0 + 1 } ?? document.text.count
            let lineBreak = document.text[..<end].last == 10 ? "" : "\n"
            return document.replacing([(end..<end, lineBreak + line)])
        }
        let lineBreak = document.text.last ?? 10 == 10 ? "" : "\n"
        return document.text + "\(lineBreak)[\(path[0])]\n\(line)".utf8
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
