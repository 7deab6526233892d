import Foundation
import OpsCore
import OpsYAML

/// `.sops.yaml`: for whom new files are encrypted, by their path (getsops config/config.go).
public struct SopsConfig: Hashable, Sendable {
    public static let fileName = ".sops.yaml"

    /// What applies to files whose path matches.
    public struct Rule: Hashable, Sendable {
        /// Searched for in the path relative to the configuration file; nil matches every file.
        public var pathRegex: String?
        /// `age1...` and SSH public keys.
        public var recipients: [String]
        public var rule: SopsRule
        public var macOnlyEncrypted: Bool
        /// Kinds of keys that it names besides, such as `kms`.
        public var foreignKinds: [String]
        public var location: SourceLocation

        /// Whether it names nobody at all.
        public var isEmpty: Bool { recipients.isEmpty && foreignKinds.isEmpty }

        /// - Throws: `Diagnostic` if it names others than those: a file would lack keys that are meant to open it
        public func allRecipients() throws(Diagnostic) -> [String] {
            guard !foreignKinds.isEmpty else { return recipients }
            throw Diagnostic(
                code: "secret-unsupported",
                "the rule is also for recipients of kinds that opsctl can't encrypt to: \(foreignKinds.joined(separator: ", "))",
                at: location, hints: ["encrypt the file with sops, or name its age recipients with --age"])
        }
    }

    public var rules: [Rule]
    /// The directory that paths are relative to.
    public var directory: String

    /// The configuration of the nearest directory upwards from a file; nil if there is none.
    /// - Throws: `DiagnosticError` with everything that is wrong in it
    public static func find(for path: String) throws -> SopsConfig? {
        var directory = URL(filePath: path).standardizedFileURL.deletingLastPathComponent()
        while true {
            let candidate = directory.appending(path: fileName)
            if FileManager.default.fileExists(atPath: candidate.path) {
                return try SopsConfig(SecretFile.read(candidate.path), file: candidate.path)
            }
            let parent = directory.deletingLastPathComponent()
            guard parent.path != directory.path else { return nil }
            directory = parent
        }
    }

    /// - Throws: `DiagnosticError`
    public init(_ bytes: [UInt8], file: String) throws {
        directory = URL(filePath: file).deletingLastPathComponent().path
        rules = []
        let document = try YAMLParser().parse(try SopsFile.text(bytes, file: file), file: file)
        guard let root = document.root else { return }
        var reader = MappingReader(root, subject: "the SOPS configuration")
        var findings = DiagnosticCollector()
        for node in reader.list("creation_rules") ?? [] { rules.append(Self.rule(node, &findings)) }
        reader.finish(alsoKnown: ["destination_rules", "stores"])
        findings.add(contentsOf: reader.diagnostics.diagnostics)
        try findings.throwIfErrors()
    }

    /// Kinds of keys that `sops` knows and opsctl doesn't; in key groups, Vault's has another name.
    private static let foreignKinds = ["kms", "pgp", "gcp_kms", "hckms", "azure_keyvault", "hc_vault_transit_uri", "hc_vault"]

    private static func foreignKinds(of node: YAMLNode) -> [String] {
        foreignKinds.filter { kind in
            guard let entry = node[kind] else { return false }
            return entry.sequence.map { !$0.isEmpty } ?? (entry.scalar != .null && entry.string != "")
        }
    }

    private static func rule(_ node: YAMLNode, _ findings: inout DiagnosticCollector) -> Rule {
        var reader = MappingReader(node, subject: "a creation rule")
        let pathRegex = reader.string("path_regex")
        if let pathRegex, (try? NSRegularExpression(pattern: pathRegex)) == nil {
            reader.add(node, "regex", "path_regex is not a regular expression")
        }
        var recipients = reader.strings("age") ?? []
        let groups = reader.list("key_groups") ?? []
        if groups.count > 1 {
            reader.add(groups[1], "secret-unsupported", "several key groups are not supported")
        }
        var kinds = foreignKinds(of: node)
        for group in groups {
            kinds += foreignKinds(of: group)
            var groupReader = MappingReader(group, subject: "a key group")
            recipients += groupReader.strings("age") ?? []
        }
        var rules: [SopsRule] = []
        for name in SopsRule.names {
            if let value = reader.string(name), let rule = SopsRule(name: name, value: value) { rules.append(rule) }
        }
        if rules.count > 1 { reader.add(node, "secret-rules", "only one rule can say which values are encrypted") }
        let macOnlyEncrypted = reader.bool("mac_only_encrypted") ?? false
        reader.finish(alsoKnown: foreignKinds + ["aws_profile", "shamir_threshold"])
        findings.add(contentsOf: reader.diagnostics.diagnostics)
        return Rule(
            pathRegex: pathRegex, recipients: recipients, rule: rules.first ?? .standard,
            macOnlyEncrypted: macOnlyEncrypted, foreignKinds: kinds, location: node.location)
    }

    /// The first rule that matches; nil if none does.
    public func rule(for path: String) -> Rule? {
        let full = URL(filePath: path).standardizedFileURL.path
        let prefix = directory.hasSuffix("/") ? directory : directory + "/"
        let relative = full.hasPrefix(prefix) ? String(full.dropFirst(prefix.count)) : full
        return rules.first { rule in
            guard let text = rule.pathRegex, !text.isEmpty else { return true }
            let range = NSRange(relative.startIndex..., in: relative)
            return (try? NSRegularExpression(pattern: text))?.firstMatch(in: relative, range: range) != nil
        }
    }
}
