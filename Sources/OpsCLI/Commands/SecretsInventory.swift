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
        let used = usedKeys(files: Set((examples + present).map(Self.stem)))
        var findings: [Diagnostic] = []
        for name in present {
            let path = project.files.display("\(directory)/\(name)")
            let isData = ["yml", "yaml", "json"].contains((name as NSString).pathExtension)
            guard isData else {
                if let bytes = try? SecretsInput.bytes(of: path) { findings += SecretCommitCheck.findings(bytes, path: path) }
                continue
            }
            let required = Set(exampleKeys(name)).union(used[Self.stem(name)] ?? []).sorted()
            findings += SecretCheck.check(path, required: required, keyring: keyring).findings
        }
        let missing = examples.filter { !Set(present.map(Self.stem)).contains(Self.stem($0)) }
        return findings + missing.map { name in
            Diagnostic(
                code: "secret-missing", "there is no \(directory)/\(name), and secrets.example/\(name) says it is needed",
                hints: ["opsctl secrets init \(environment)"])
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

    /// What expressions in playbooks and templates read as `smtp.password`, by file. Those with a default or a test
    /// in the same expression may be missing.
    private func usedKeys(files names: Set<String>) -> [String: Set<String>] {
        guard !names.isEmpty, let pattern = try? NSRegularExpression(pattern: "(?<![.\\w/'\"])(\\w+)\\.(\\w+)(?!\\s*[|(]|\\s+is\\b)") else { return [:] }
        var used: [String: Set<String>] = [:]
        for text in playbookTexts {
            for expression in Self.expressions(in: text) where !expression.contains("default(") && !expression.contains("defined") {
                for match in pattern.matches(in: expression, range: NSRange(expression.startIndex..., in: expression)) {
                    let parts = (1...2).map { (expression as NSString).substring(with: match.range(at: $0)) }
                    if names.contains(parts[0]), !Self.methods.contains(parts[1]) { used[parts[0], default: []].insert(parts[1]) }
                }
            }
        }
        return used
    }

    private static let methods: Set<String> = ["items", "keys", "values", "get"]

    private var playbookTexts: [String] {
        let root = project.files.absolute("playbooks")
        let paths = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        return paths.filter { $0.hasSuffix(".yml") || $0.hasSuffix(".yaml") || $0.hasSuffix(".j2") }.compactMap { path in
            guard let bytes = try? SecretsInput.bytes(of: "\(root)/\(path)") else { return nil }
            return String(validating: bytes, as: UTF8.self)
        }
    }

    /// The insides of `{{ }}` and `{% %}`.
    private static func expressions(in text: String) -> [String] {
        guard let pattern = try? NSRegularExpression(pattern: "\\{[{%](.*?)[%}]\\}", options: .dotMatchesLineSeparators) else { return [] }
        return pattern.matches(in: text, range: NSRange(text.startIndex..., in: text)).map { (text as NSString).substring(with: $0.range(at: 1)) }
    }
}
