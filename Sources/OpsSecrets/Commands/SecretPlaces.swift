import Foundation

/// Which files of a repository have to be encrypted, as far as their names tell.
public enum SecretPlaces {
    private static let notes: Set<String> = [
        "README", "README.md", ".sops.yaml", ".gitkeep", ".gitignore", ".gitattributes",
    ]
    private static let exampleEndings = [".example", ".sample", ".template", ".dist"]
    private static let dataEndings: Set<String> = ["yml", "yaml", "json", "env", "ini"]

    /// Notes and configuration, which may stand beside secrets. Exactly these names: one that only begins like one of
    /// them is a file like any other.
    public static func isNote(_ path: String) -> Bool { notes.contains((path as NSString).lastPathComponent) }

    /// Everything below a directory `secrets` but notes, and `.env` wherever it is.
    public static func isSecret(_ path: String) -> Bool {
        if isNote(path) { return false }
        return path.split(separator: "/").dropLast().contains("secrets") || (isEnvironment(path) && !isExample(path))
    }

    /// `.env` and its variants, but for those that show what to write into it.
    private static func isEnvironment(_ path: String) -> Bool {
        let name = (path as NSString).lastPathComponent
        return name == ".env" || (name.hasPrefix(".env.") && !exampleEndings.contains(where: name.hasSuffix))
    }

    /// Ansible's name for variables that should be encrypted: `vault.yml`, `vault_lab.yaml`.
    static func isVault(_ path: String) -> Bool {
        let name = (path as NSString).lastPathComponent
        return name.contains("vault") && ["yml", "yaml"].contains((name as NSString).pathExtension) && !isExample(path)
    }

    /// Whether a rule of `.sops.yaml` that goes by paths is about the file. Examples and prose aren't meant by it.
    public static func isConfigured(_ path: String, by config: SopsConfig?) -> Bool {
        guard !isNote(path), !isExample(path) else { return false }
        let isData = dataEndings.contains((path as NSString).pathExtension.lowercased())
        return isData && config?.rule(for: path)?.pathRegex?.isEmpty == false
    }

    private static func isExample(_ path: String) -> Bool {
        path.split(separator: "/").dropLast().contains { $0.hasSuffix(".example") }
            || exampleEndings.contains(where: path.hasSuffix)
    }
}
