import OpsCore

/// Finds the files of `group_vars/NAME` and `host_vars/NAME` (`parsing/dataloader.py`).
enum VarsFiles {
    private static let extensions: Set<String> = ["yml", "yaml", "json"]

    /// The files for one name, in the order in which later ones override.
    ///
    /// The first form that exists is taken, and a name without extension comes first: a directory
    /// `group_vars/all/` hides `group_vars/all.yml`, which may be a directory itself.
    static func paths(named name: String, in directory: String, _ files: ProjectFiles) -> [String] {
        let candidates = ["", ".yml", ".yaml", ".json"].map { "\(directory)/\(name)\($0)" }
        guard let path = candidates.first(where: { files.exists($0) }) else { return [] }
        return files.isDirectory(path) ? paths(in: path, files) : [path]
    }

    /// All files of variables in a directory and its directories without extension, sorted.
    static func paths(in directory: String, _ files: ProjectFiles) -> [String] {
        files.names(in: directory).flatMap { name -> [String] in
            guard !name.hasPrefix("."), !name.hasSuffix("~") else { return [] }
            let path = "\(directory)/\(name)"
            let suffix = name.pathExtension
            if files.isDirectory(path) { return suffix.isEmpty ? paths(in: path, files) : [] }
            return suffix.isEmpty || extensions.contains(suffix) ? [path] : []
        }
    }
}

extension String {
    /// What follows the last dot of a file's name; empty for none and for names that begin with it.
    var pathExtension: String {
        let name = split(separator: "/").last ?? self[...]
        guard let dot = name.lastIndex(of: "."), name[..<dot].contains(where: { $0 != "." }) else { return "" }
        return String(name[name.index(after: dot)...])
    }
}
