import OpsCore
import OpsYAML
import Yams

/// YAML text to nodes, with errors that show places but no content.
enum SopsYAML {
    /// Nil for an empty document.
    /// - Throws: `Diagnostic`
    static func compose(_ text: String, file: String) throws(Diagnostic) -> Node? {
        // Comparing such keys could take for ever. The alias's name stays untold: this may be a secret's text.
        if let refusal = YAMLAliasKeys.check(text, file: file) {
            throw Diagnostic(code: refusal.code, "an alias can't be the key of a mapping", at: refusal.location)
        }
        if mayNestTooDeeply(text) {
            throw Diagnostic(
                code: "secret-too-large", "anchors and aliases may nest too deeply", at: SourceLocation(file: file),
                hints: ["write values out where they are used"])
        }
        do {
            return try Yams.compose(yaml: text, .basic)
        } catch let error as YamlError {
            throw diagnostic(error, file: file)
        } catch {
            throw Diagnostic(code: "yaml-syntax", "not valid YAML", at: SourceLocation(file: file))
        }
    }

    private static let maximumNesting = 5000

    /// The parser bounds what is nested in the text, but not what aliases add: each can put all that its anchor holds one
    /// level deeper. Whatever walks through such nodes, their release included, would run out of stack.
    private static func mayNestTooDeeply(_ text: String) -> Bool {
        let bytes = text.utf8
        let anchors = bytes.contains(UInt8(ascii: "*")) ? bytes.count { $0 == UInt8(ascii: "&") } : 0
        guard anchors > 0 else { return false }
        let brackets = bytes.count { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "{") }
        let lines = bytes.split(separator: 10).map { line in
            line.prefix { $0 == 32 }.count + line.count { "-?:".utf8.contains($0) }
        }
        return anchors * (1 + brackets + (lines.max() ?? 0)) > maximumNesting
    }

    static func location(_ mark: Mark?, file: String) -> SourceLocation {
        SourceLocation(file: file, line: mark?.line ?? 1, column: mark?.column ?? 1)
    }

    /// Yams' own messages quote the text, which may be a secret here.
    private static func diagnostic(_ error: YamlError, file: String) -> Diagnostic {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return Diagnostic(code: "yaml-syntax", problem, at: location(mark, file: file))
        case .duplicatedKeysInMapping(_, let context):
            return Diagnostic(
                code: "yaml-duplicate-key", "a key is there twice", at: location(context.mark, file: file))
        default:
            return Diagnostic(code: "yaml-syntax", "not valid YAML", at: SourceLocation(file: file))
        }
    }
}
