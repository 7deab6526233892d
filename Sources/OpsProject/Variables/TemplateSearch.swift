import OpsCore
import OpsTemplate

/// Finds the templates that another one includes, imports or extends.
///
/// The directories are those of Ansible's `template` module (lib/ansible/plugins/action/template.py): each in which the
/// step's own templates are looked for, then the template's; in each of them `templates/` comes first. Templates that
/// are included look in the same places. Names are Jinja2's: relative, and never upwards.
public struct TemplateSearch: Sendable {
    private let directories: [String]
    private let files: ProjectFiles

    /// - Parameters:
    ///   - search: where the step looks for templates; nil outside of steps.
    ///   - template: path of the template that is rendered.
    public init(_ search: FileSearch?, beside template: String, files: ProjectFiles) {
        let own = ProjectFiles.directory(of: files.absolute(template))
        var directories = search?.directories ?? []
        for directory in ["\(own)/templates", own] where !directories.contains(directory) { directories.append(directory) }
        self.directories = directories
        self.files = files
    }

    /// The source of the first that exists; nil for none.
    /// - Throws: `Diagnostic` if it can't be read.
    public func load(_ name: String) throws -> LoadedTemplate? {
        guard let path = Self.path(name) else { return nil }
        let found = directories.map { "\($0)/\(path)" }.first { files.exists($0) && !files.isDirectory($0) }
        return try found.map { LoadedTemplate(text: try files.text($0), file: files.display($0)) }
    }

    /// What to tell of a name that nothing was found under.
    func hints(missing name: String) -> [String] {
        if name.split(separator: "/").contains("..") { return ["names of templates can't lead upwards with '..'"] }
        let parent = name.contains("/") ? ProjectFiles.directory(of: name) + "/" : ""
        let siblings = directories.flatMap { files.names(in: "\($0)/\(parent)") }.map { parent + $0 }
        let near = NearestName.hints(for: name, in: siblings)
        return near.isEmpty ? ["looked in " + directories.map { files.display($0) }.joined(separator: ", ")] : near
    }

    /// As Jinja2's `split_template_path` reads it; nil for what leads upwards.
    private static func path(_ name: String) -> String? {
        let pieces = name.split(separator: "/").filter { $0 != "." }
        return pieces.isEmpty || pieces.contains("..") || name.utf8.contains(0) ? nil : pieces.joined(separator: "/")
    }
}

extension TemplateEnvironment {
    /// With this search for the templates that templates name.
    public func including(from search: TemplateSearch) -> TemplateEnvironment {
        var environment = self
        environment.loader = { name, _ in try search.load(name) }
        environment.hintsForMissing = { name, _ in search.hints(missing: name) }
        return environment
    }
}
