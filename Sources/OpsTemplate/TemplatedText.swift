import OpsCore

/// A YAML scalar that may be a template: `"{{ x }}"` keeps the type of `x`, mixed text is a string, and
/// text without delimiters is itself.
public struct TemplatedText: Sendable {
    private enum Content {
        case plain(String)
        case template(Template)
    }

    private let content: Content

    /// Compiles the text; an error if it has delimiters and is no valid template.
    ///
    /// Backslashes in string literals of `{{ }}` stay as they are, as YAML has resolved its own already.
    public init(_ text: String, origin: TemplateOrigin, environment: TemplateEnvironment) throws(Diagnostic) {
        guard environment.syntax.containsTemplate(text) else {
            content = .plain(text)
            return
        }
        var environment = environment
        environment.syntax.keepsBackslashes = true
        content = .template(try Template(source: text, origin: origin, environment: environment))
    }

    /// Whether there is anything to render.
    public var isTemplate: Bool { if case .template = content { true } else { false } }

    /// The variables it reads, with the place where each is read first.
    public var referencedNames: [String: SourceLocation] {
        if case .template(let template) = content { template.referencedNames } else { [:] }
    }

    public func evaluate(_ scope: some TemplateScope) throws -> Value {
        switch content {
        case .plain(let text): .string(text)
        case .template(let template): try template.evaluate(scope)
        }
    }
}
