import OpsCore
import OpsYAML

/// An entry of `vars_prompt`: a variable that whoever runs the playbook is asked for.
public struct VarsPrompt: Sendable {
    public var name: String
    public var location: SourceLocation
    /// What is asked; without one, the variable's name.
    public var question: String
    /// The answer is not shown while it is typed, and is a secret.
    public var isPrivate: Bool
    /// Asked twice, until both answers are the same.
    public var confirms: Bool
    /// Taken for an empty answer, and where nobody can be asked.
    public var fallback: Located?
    /// Set by the program before the run.
    public var answer: Value?

    /// nil if it names no variable; that is reported.
    init?(_ node: YAMLNode, into diagnostics: inout DiagnosticCollector) {
        var reader = MappingReader(node, subject: "an entry of 'vars_prompt'")
        let nameNode = reader.node("name")
        let name = nameNode?.string
        location = node.location
        question = reader.string("prompt") ?? name ?? ""
        isPrivate = reader.bool("private") ?? true
        confirms = reader.bool("confirm") ?? false
        fallback = reader.node("default").flatMap { $0.isNull ? nil : Located($0) }
        // Answers are never templates here, so that there is nothing to choose.
        _ = reader.node("unsafe")
        for keyword in ["encrypt", "salt", "salt_size"] {
            guard let node = reader.node(keyword), !node.isNull else { continue }
            reader.add(
                node, "unsupported-keyword", "'\(keyword)' of 'vars_prompt' is not supported",
                hints: ["use the filter 'password_hash'"])
        }
        if node.mapping != nil, name == nil { reader.add(node, "no-name", "an entry of 'vars_prompt' needs a 'name'") }
        reader.finish()
        diagnostics.add(contentsOf: reader.diagnostics.diagnostics)
        if let nameNode { VariableName.check(nameNode, into: &diagnostics) }
        guard let name else { return nil }
        self.name = name
    }

    /// The variable, if it was answered or has a default.
    var variable: LocatedVariable? {
        if let answer { return LocatedVariable(name: name, value: Located(answer, place: Place(location, handling: .unsafe))) }
        return fallback.map { LocatedVariable(name: name, value: $0) }
    }
}
