import OpsCore
import OpsYAML

/// The names of variables that steps set while they run: `register`, `set_fact`, `include_vars` and the like.
///
/// All files of steps near a playbook are read, included or not, so the names are rather too many than too few.
struct RunTimeNames {
    private static let mostFiles = 2000

    private(set) var names: Set<String> = ["item", "ansible_loop", "ansible_loop_var", "ansible_index_var"]
    /// Some name depends on values; then nothing can be said of any.
    private(set) var isOpen = false
    private let files: ProjectFiles
    private var remaining = Self.mostFiles
    private var directories: [String] = []

    init(near playDirectories: [String], files: ProjectFiles) {
        self.files = files
        for directory in Set(playDirectories.map(files.absolute) + [files.absolute("roles")]).sorted() { read(directory, depth: 0) }
    }

    private mutating func read(_ directory: String, depth: Int) {
        guard depth < 8, !directories.contains(directory) else { return }
        directories.append(directory)
        for name in files.names(in: directory) where !name.hasPrefix(".") {
            let path = "\(directory)/\(name)"
            if files.isDirectory(path) { read(path, depth: depth + 1) } else if ["yml", "yaml"].contains(name.pathExtension) {
                remaining -= 1
                guard remaining > 0 else { return isOpen = true }
                if let root = try? files.yaml(path).document.root { read(root, in: directory) }
            }
        }
    }

    private mutating func read(_ node: YAMLNode, in directory: String) {
        for item in node.sequence ?? [] { read(item, in: directory) }
        for entry in node.mapping ?? [] {
            if let key = entry.key.string { read(ModuleCatalogue.shortName(key), entry.value, directory) }
            read(entry.value, in: directory)
        }
    }

    private mutating func read(_ key: String, _ value: YAMLNode, _ directory: String) {
        switch key {
        case "register", "loop_var", "index_var": add(value.string)
        case "set_fact":
            for entry in value.mapping ?? [] { add(entry.key.string) }
            if let text = value.string { for pair in ShortForm(text, isArgument: { _ in true }).pairs { add(pair.key) } }
        case "include_vars": includeVars(value, directory)
        case "include_role": includeRole(value, directory)
        case "vars_prompt": for prompt in value.sequence ?? [] { add(prompt["name"]?.string) }
        default: break
        }
    }

    private mutating func add(_ name: String?) {
        guard let name else { return }
        if name.contains("{{") { isOpen = true } else { names.insert(name) }
    }

    /// A public role shows its defaults and variables once it is included.
    private mutating func includeRole(_ value: YAMLNode, _ directory: String) {
        guard let shows = value["public"], shows.scalar?.flag != false else { return }
        let name = (value["name"] ?? value["role"])?.string.map(ModuleCatalogue.shortName)
        let besides = ProjectFiles.directory(of: ProjectFiles.directory(of: directory))
        let places = ["\(directory)/roles", files.absolute("roles"), besides]
        guard let name, !name.contains("{{"), let role = places.map({ "\($0)/\(name)" }).first(where: files.isDirectory)
        else { return isOpen = true }
        var ignored = DiagnosticCollector()
        for path in ["defaults", "vars"].flatMap({ VarsFiles.paths(in: "\(role)/\($0)", files) }) {
            for variable in files.variables(path, into: &ignored) { names.insert(variable.name) }
        }
    }

    private mutating func includeVars(_ value: YAMLNode, _ directory: String) {
        let text = value["file"]?.string ?? value.string
        add(value["name"]?.string)
        guard let text, value["dir"] == nil, !text.contains("{{"), !text.contains("=") else { return isOpen = true }
        let candidates = text.hasPrefix("/") ? [text] : [
            "\(directory)/\(text)", "\(directory)/vars/\(text)", "\(ProjectFiles.directory(of: directory))/vars/\(text)",
            files.absolute(text),
        ]
        guard let path = candidates.first(where: { files.exists($0) }) else { return isOpen = true }
        var ignored = DiagnosticCollector()
        for variable in files.variables(path, into: &ignored) { names.insert(variable.name) }
    }
}
