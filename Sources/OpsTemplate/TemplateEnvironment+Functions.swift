import OpsCore

extension TemplateEnvironment {
    /// Filters and tests may be written with the name of Ansible's collection.
    private static func short(_ name: String) -> String {
        for prefix in ["ansible.builtin.", "ansible.legacy."] where name.hasPrefix(prefix) {
            return String(name.dropFirst(prefix.count))
        }
        return name
    }

    func filter(_ name: String) -> FunctionDefinition? { filters[TemplateEnvironment.short(name)] ?? filters[name] }
    func test(_ name: String) -> FunctionDefinition? { tests[TemplateEnvironment.short(name)] ?? tests[name] }

    /// The error for a filter or test that does not exist.
    func unknown(_ kind: String, _ name: String) -> Diagnostic {
        let known = kind == "filter" ? filters.keys : tests.keys
        return Diagnostic(
            code: "template-unknown-\(kind)", "there is no \(kind) '\(name)'",
            hints: NearestName.hints(for: name, in: known.sorted()))
    }

    /// The names of all filters, for documentation and completion.
    public var filterNames: [String] { filters.keys.sorted() }
    /// The names of all tests.
    public var testNames: [String] { tests.keys.sorted() }
}
