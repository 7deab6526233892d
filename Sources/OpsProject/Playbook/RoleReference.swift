import OpsCore
import OpsYAML

/// A role as it is named: in a play's `roles`, in another role's dependencies, or by a step.
public struct RoleReference: Sendable {
    public var name: Located
    public var location: SourceLocation
    /// Names of the files to read instead of `main`.
    public var tasksFrom: String?
    public var varsFrom: String?
    public var defaultsFrom: String?
    public var handlersFrom: String?
    /// All steps of the play see its defaults and variables.
    public var isPublic = true
    public var keywords = Keywords()
    public var parameters: [LocatedVariable] = []

    public init(name: Located) {
        self.name = name
        location = name.location
    }

    /// An entry of `roles` or `dependencies`: a name, or a mapping whose unknown keys are parameters.
    init?(_ node: YAMLNode, into diagnostics: inout DiagnosticCollector) {
        if node.string != nil {
            self.init(name: Located(node))
            return
        }
        var reader = MappingReader(node, subject: "a role")
        let role = reader.node("role")
        let named = role ?? reader.node("name")
        _ = reader.node("name")
        var keywords = KeywordReader.read(&reader, .block)
        var parameters = reader.unknownEntries.compactMap { entry in
            entry.key.string.map { LocatedVariable(name: $0, value: Located(entry.value)) }
        }
        parameters += keywords.vars
        keywords.vars = []
        if named?.string == nil {
            reader.add(named ?? node, "no-role", "this entry names no role", hints: ["write 'role: name'"])
        }
        diagnostics.add(contentsOf: reader.diagnostics.diagnostics)
        guard let named, named.string != nil else { return nil }
        self.init(name: Located(named))
        self.keywords = keywords
        self.parameters = parameters
    }

    /// The arguments of `import_role` or `include_role`.
    ///
    /// - Parameter isPublic: unless `public` says otherwise.
    public init?(
        _ arguments: Arguments, isPublic: Bool, at location: SourceLocation, into diagnostics: inout DiagnosticCollector
    ) {
        guard let name = arguments["name"] ?? arguments["role"], name.value.string != nil else {
            diagnostics.add(Diagnostic(code: "missing-argument", "the role's 'name' is missing", at: location))
            return nil
        }
        self.init(name: name)
        tasksFrom = arguments["tasks_from"]?.value.string
        varsFrom = arguments["vars_from"]?.value.string
        defaultsFrom = arguments["defaults_from"]?.value.string
        handlersFrom = arguments["handlers_from"]?.value.string
        self.isPublic = arguments["public"]?.value.flag ?? isPublic
    }
}
