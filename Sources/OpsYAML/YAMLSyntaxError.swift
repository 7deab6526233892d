import OpsCore
import Yams

/// Says in a user's words why a text is no YAML.
struct YAMLSyntaxError {
    let text: String
    let file: String

    func diagnostic(for error: any Error) -> Diagnostic {
        guard let error = error as? YamlError else { return plain("can't be read as YAML: \(error)", nil) }
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
            return syntax(problem, at: mark, context: context)
        case .composer(_, let problem, let mark, _):
            return problem.contains("another document")
                ? plain("only one YAML document is read from a file, and here a second one begins", mark)
                : syntax(problem, at: mark, context: nil)
        case .duplicatedKeysInMapping(let duplicates, let context): return duplicate(duplicates, context.mark)
        case .reader(let problem, let offset, _, _):
            return Diagnostic(code: "yaml-syntax", "not a text: \(problem)", at: location(ofCharacter: offset ?? 0))
        case .memory: return plain("not enough memory to read this file", nil)
        default: return plain("can't be read as YAML", nil)
        }
    }

    private func plain(_ message: String, _ mark: Mark?) -> Diagnostic {
        Diagnostic(code: "yaml-syntax", message, at: location(mark))
    }

    private func location(_ mark: Mark?) -> SourceLocation {
        SourceLocation(file: file, line: mark?.line ?? 1, column: mark?.column ?? 1)
    }

    // MARK: What libyaml says, and what the user did

    private func syntax(_ problem: String, at mark: Mark, context: YamlError.Context?) -> Diagnostic {
        if let template = unquotedTemplate(near: mark, context?.mark) { return template }
        let content = line(mark.line)
        if content.prefix(while: { $0 == " " || $0 == "\t" }).contains("\t") {
            let column =
                (content.firstIndex(of: "\t").map { content.distance(from: content.startIndex, to: $0) } ?? 0) + 1
            return Diagnostic(
                code: "yaml-tab", "a tab can't indent YAML",
                at: SourceLocation(file: file, line: mark.line, column: column),
                hints: ["use spaces"])
        }
        return Diagnostic(
            code: "yaml-syntax", Self.plainWords[problem] ?? problem, at: location(mark),
            hints: hints(for: problem, content), trail: trail(context, mark))
    }

    private static let plainWords = [
        "did not find expected key": "this line does not fit: a key at this indentation was expected",
        "did not find expected '-' indicator":
            "this line does not fit: a list item '-' at this indentation was expected",
        "mapping values are not allowed in this context": "a ': ' is not allowed here",
        "could not find expected ':'": "a ':' after the key is missing",
        "found character that cannot start any token": "this character can't begin a value",
        "found unexpected end of stream": "a quote is never closed",
        "did not find expected ',' or ']'": "a ',' or ']' is missing",
        "did not find expected ',' or '}'": "a ',' or '}' is missing",
        "block sequence entries are not allowed in this context": "a list item '- ' is not allowed here",
        "found undefined alias": "this alias names no anchor above it",
    ]

    private func hints(for problem: String, _ content: Substring) -> [String] {
        switch problem {
        case "mapping values are not allowed in this context":
            return ["quote the value if it contains ': ', or check the indentation of this line and the one above"]
        case "did not find expected key", "did not find expected '-' indicator":
            return ["check the indentation of this line, and that quotes above it are closed"]
        case "found character that cannot start any token":
            return ["quote values that begin with '%', '@' or '`'"]
        case "could not find expected ':'": return ["write 'key: value'; quote a text that goes over several lines"]
        default: return []
        }
    }

    private func trail(_ context: YamlError.Context?, _ mark: Mark) -> [Diagnostic.Note] {
        guard let context, context.mark.line != mark.line, context.mark.line > 0 else { return [] }
        return [.init(context.text, at: location(context.mark))]
    }

    /// `dest: {{ dir }}/file` fails somewhere after the braces.
    private func unquotedTemplate(near mark: Mark, _ context: Mark?) -> Diagnostic? {
        for number in Set([mark.line, context?.line ?? mark.line, mark.line - 1]).sorted(by: >) where number > 0 {
            let content = line(number)
            guard let match = content.firstMatch(of: /(?:^|[:\-])\s+(\{\{)/) else { continue }
            let column = content.distance(from: content.startIndex, to: match.1.startIndex) + 1
            let value = content[match.1.startIndex...].prefix(80)
            return Diagnostic(
                code: "unquoted-template", "a value that begins with '{{' must be quoted",
                at: SourceLocation(file: file, line: number, column: column),
                hints: ["write \"\(value.replacing("\"", with: "'"))\""])
        }
        return nil
    }

    private func duplicate(_ names: [String], _ first: Mark) -> Diagnostic {
        let name = names.first ?? ""
        let second = secondLine(of: name, after: first)
        return Diagnostic(
            code: "duplicate-key", "duplicate key '\(name)'", at: second ?? location(first),
            hints: ["remove one of the two"],
            trail: second == nil ? [] : [.init("first written here", at: location(first))])
    }

    /// The next line on which the key stands in the same column.
    private func secondLine(of name: String, after first: Mark) -> SourceLocation? {
        for (index, content) in lines().enumerated().dropFirst(first.line) {
            let rest = content.dropFirst(first.column - 1)
            guard content.prefix(first.column - 1).allSatisfy({ $0 == " " || $0 == "-" }) else { continue }
            let unquoted = rest.drop { $0 == "\"" || $0 == "'" }
            guard unquoted.hasPrefix(name) else { continue }
            let tail = unquoted.dropFirst(name.count).drop { $0 == "\"" || $0 == "'" || $0 == " " }
            if tail.first == ":" { return SourceLocation(file: file, line: index + 1, column: first.column) }
        }
        return nil
    }

    // MARK: Lines

    private func lines() -> [Substring] { text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) }

    private func line(_ number: Int) -> Substring {
        let lines = lines()
        return lines.indices.contains(number - 1) ? lines[number - 1] : ""
    }

    private func location(ofCharacter offset: Int) -> SourceLocation {
        let before = text.prefix(offset).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        return SourceLocation(file: file, line: max(before.count, 1), column: (before.last?.count ?? 0) + 1)
    }
}
