import OpsCore

/// Where files that steps name are looked for (`path_dwim_relative_stack` of Ansible's loader).
public struct FileSearch: Sendable {
    /// Kinds of files; each has a directory of its own in roles and beside playbooks.
    public enum Kind: String, Sendable { case files, templates, vars, tasks }

    /// Absolute, in the order in which they are tried.
    public let directories: [String]
    private let files: ProjectFiles

    /// - Parameters:
    ///   - step: its role and its own directory come first; nil outside of steps.
    ///   - playDirectory: the playbook's directory comes last.
    public init(_ kind: Kind, step: Step?, playDirectory: String?, files: ProjectFiles) {
        var roots: [String] = []
        if let role = step?.role { roots.append(role.directory) }
        roots += [step?.directory, playDirectory].compactMap { $0 }
        var directories: [String] = []
        for root in roots where !directories.contains(root) { directories += ["\(root)/\(kind.rawValue)", root] }
        self.directories = directories
        self.files = files
    }

    /// The absolute path of the first that exists; nil for none.
    public func find(_ path: String) -> String? {
        if path.hasPrefix("/") || path.hasPrefix("~/") { return files.exists(path) ? files.absolute(path) : nil }
        return directories.map { "\($0)/\(path)" }.first { files.exists($0) }.map { files.absolute($0) }
    }

    /// As `find`; a missing file is an error that names the nearest.
    public func require(_ path: String, at location: SourceLocation?) throws(Diagnostic) -> String {
        if let found = find(path) { return found }
        let parent = path.contains("/") ? "/" + ProjectFiles.directory(of: path) : ""
        let siblings = directories.flatMap { files.names(in: $0 + parent) }
        let hints = NearestName.hints(for: ProjectFiles.name(of: path), in: siblings)
        throw Diagnostic(
            code: "file-not-found", "there is no file '\(path)'", at: location,
            hints: hints.isEmpty
                ? ["looked in \(directories.map { files.display($0) }.joined(separator: ", "))"] : hints)
    }
}
