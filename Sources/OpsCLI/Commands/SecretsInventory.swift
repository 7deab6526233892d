import Foundation
import OpsCore
import OpsProject
import OpsSecrets

/// Which secrets a project needs, by its examples and its playbooks, and what is wrong with those it has.
struct SecretsInventory {
    var project: Project

    /// Names of the files in `secrets.example/`.
    var examples: [String] {
        project.files.names(in: "secrets.example").filter { !$0.hasPrefix(".") && !$0.hasPrefix("README") }
    }

    func findings(environment: String, keyring: SecretKeyring) -> [Diagnostic] {
        let directory = project.secretsDirectory(of: environment)
        let present = project.files.names(in: directory).filter { !$0.hasPrefix(".") && !project.files.isDirectory("\(directory)/\($0)") }
        let uses = SecretUses(names: Set((examples + present).map(Self.stem)), files: project.files)
        var findings: [Diagnostic] = []
        for name in present {
            let path = project.files.display("\(directory)/\(name)")
            let isData = ["yml", "yaml", "json"].contains((name as NSString).pathExtension)
            guard isData else {
                if let bytes = try? SecretsInput.bytes(of: path) { findings += SecretCommitCheck.findings(bytes, path: path) }
                continue
            }
            findings += SecretCheck.check(path, required: required(name, uses), keyring: keyring).findings
        }
        let missing = examples.filter { !Set(present.map(Self.stem)).contains(Self.stem($0)) }
        return findings + missing.map { name in
            Diagnostic(
                code: "secret-missing", "there is no \(directory)/\(name), and secrets.example/\(name) says it is needed",
                hints: ["opsctl secrets init \(environment)"])
        }
    }

    /// Keys of the example, and those that are used.
    private func required(_ name: String, _ uses: SecretUses) -> [SecretCheck.Requirement] {
        let examples = exampleKeys(name)
        let used = (uses.keys[Self.stem(name)] ?? [:]).filter { !examples.contains($0.key) }.sorted { $0.key < $1.key }
        return examples.map { SecretCheck.Requirement($0) } + used.map { key, use in
            SecretCheck.Requirement(key, usedAt: use.location, isCertain: use.need == .always)
        }
    }

    private static func stem(_ name: String) -> String { (name as NSString).deletingPathExtension }

    /// Keys of an example; none if there is none of this name.
    private func exampleKeys(_ name: String) -> [String] {
        let path = project.files.absolute("secrets.example/\(name)")
        guard let bytes = try? SecretsInput.bytes(of: path),
            let document = try? PlainDocument(bytes, format: SecretEncryption.sopsFormat(of: name), file: path)
        else { return [] }
        return document.paths.map { $0.joined(separator: ".") }
    }
}
