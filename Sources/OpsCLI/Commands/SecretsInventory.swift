import Foundation
import OpsCore
import OpsProject
import OpsSecrets

/// Which secrets a project needs, by its examples and its playbooks, and what is wrong with those it has.
struct SecretsInventory {
    var project: Project

    /// Names of the files in `secrets.example/`.
    var examples: [String] {
        project.files.names(in: "secrets.example").filter {
            !SecretPlaces.isNote($0) && !project.files.isDirectory("secrets.example/\($0)")
        }
    }

    /// What is wrong with an environment's secrets.
    /// - Throws: `Diagnostic` for a directory that can't be read
    func findings(environment: String, keyring: SecretKeyring) throws -> [Diagnostic] {
        let directory = project.secretsDirectory(of: environment)
        let present = try SecretsTree.files(below: project.files.absolute(directory))
        let stems = Set(present.map(Self.stem))
        let uses = SecretUses(names: stems.union(examples.map(Self.stem)), files: project.files)
        let missing = examples.filter { !stems.contains(Self.stem($0)) }
        return present.flatMap { check($0, uses, keyring) } + missing.map { name in
            Diagnostic(
                code: "secret-missing", "there is no \(directory)/\(name), and secrets.example/\(name) says it is needed",
                hints: ["opsctl secrets init \(environment)"])
        }
    }

    /// What is wrong with files that lie beside the environments' directories.
    /// - Throws: `Diagnostic` for a directory that can't be read
    func findingsAtTop(keyring: SecretKeyring) throws -> [Diagnostic] {
        try SecretsTree.files(in: project.files.absolute("secrets")).flatMap { path in
            SecretCheck.check(path, named: project.files.display(path), keyring: keyring)
        }
    }

    private func check(_ path: String, _ uses: SecretUses, _ keyring: SecretKeyring) -> [Diagnostic] {
        let name = (path as NSString).lastPathComponent
        let example = example(name)
        let keys = example?.paths.map { $0.joined(separator: ".") } ?? []
        // Playbooks read YAML and JSON only.
        let isRead = ["yml", "yaml", "json"].contains((name as NSString).pathExtension)
        let used = (isRead ? uses.keys[Self.stem(name)] ?? [:] : [:]).filter { !keys.contains($0.key) }
        let required = keys.map { SecretCheck.Requirement($0) } + used.sorted { $0.key < $1.key }.map { key, use in
            SecretCheck.Requirement(key, usedAt: use.location, isCertain: use.need == .always)
        }
        return SecretCheck.check(
            path, named: project.files.display(path), required: required, example: example, keyring: keyring)
    }

    private static func stem(_ path: String) -> String {
        ((path as NSString).lastPathComponent as NSString).deletingPathExtension
    }

    /// The example of this name; nil if there is none.
    private func example(_ name: String) -> PlainDocument? {
        let path = project.files.absolute("secrets.example/\(name)")
        guard let bytes = try? SecretsInput.bytes(of: path) else { return nil }
        return try? PlainDocument(bytes, format: SecretEncryption.sopsFormat(of: name), file: path)
    }
}
