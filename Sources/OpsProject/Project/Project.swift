import Foundation
import OpsCore
import OpsSecrets

/// A directory with inventories, playbooks, templates and secrets.
public struct Project: Sendable {
    public let files: ProjectFiles
    public let settings: ProjectSettings

    /// Absolute path of the directory.
    public var root: String { files.root }

    /// One selected inventory.
    public struct Environment: Sendable, Hashable {
        /// As in `production`; for `-i PATH` the file's name without its extension.
        public var name: String
        /// Paths or host lists, for `InventoryLoader`.
        public var sources: [String]
        public var settings: ProjectSettings.Environment
    }

    /// Reads `opsctl.yml` if there is one.
    public init(root: String, keyring: SecretKeyring = SecretKeyring(), into diagnostics: inout DiagnosticCollector) {
        files = ProjectFiles(root: root, keyring: keyring)
        var settings = ProjectSettings()
        if files.exists("opsctl.yml") {
            do {
                let document = try files.yaml("opsctl.yml").document
                diagnostics.add(contentsOf: document.warnings)
                if let node = document.root { settings = ProjectSettings(node, into: &diagnostics) }
            } catch { diagnostics.add(contentsOf: error.diagnostics) }
        }
        self.settings = settings
    }

    /// The nearest directory at or above `directory` that holds `opsctl.yml`, or else `inventory` or
    /// `playbooks`; `directory` itself if there is none.
    public static func findRoot(from directory: String) -> String {
        let start = URL(fileURLWithPath: directory).standardizedFileURL.path
        for markers in [["opsctl.yml"], ["inventory", "playbooks"]] {
            var path = start
            while true {
                if markers.contains(where: { FileManager.default.fileExists(atPath: "\(path)/\($0)") }) { return path }
                guard path != "/" else { break }
                path = ProjectFiles.directory(of: path)
            }
        }
        return start
    }

    // MARK: Environments

    /// Names of the inventories in `inventory/`, sorted.
    public var environmentNames: [String] {
        var names: [String] = []
        for entry in files.names(in: "inventory") where !Self.isNoInventory(entry) {
            let isDirectory = files.isDirectory("inventory/\(entry)")
            let suffix = isDirectory ? "" : entry.pathExtension
            guard ["", "yml", "yaml", "ini", "json"].contains(suffix) else { continue }
            let name = suffix.isEmpty ? entry : String(entry.dropLast(suffix.count + 1))
            if !names.contains(name) { names.append(name) }
        }
        return names.sorted()
    }

    private static func isNoInventory(_ name: String) -> Bool {
        name.hasPrefix(".") || name.hasSuffix("~") || ["group_vars", "host_vars", "vars_plugins"].contains(name)
    }

    /// Selects the environment.
    ///
    /// - Parameters:
    ///   - name: as typed; nil if none was.
    ///   - sources: of `-i`; they win over everything.
    ///   - fallback: the value of `OPSCTL_ENV`.
    public func environment(
        _ name: String?, sources: [String] = [], fallback: String? = nil
    ) throws(Diagnostic) -> Environment {
        if !sources.isEmpty {
            let name = name ?? Self.stem(of: ProjectFiles.name(of: sources[0]))
            return Environment(name: name, sources: sources, settings: settings.environments[name] ?? .init())
        }
        let known = environmentNames
        if let chosen = name ?? fallback.flatMap({ $0.isEmpty ? nil : $0 }) ?? settings.defaultEnvironment {
            guard let path = inventoryPath(chosen) else { throw unknown(chosen, known) }
            return Environment(name: chosen, sources: [path], settings: settings.environments[chosen] ?? .init())
        }
        guard known.count == 1, let path = inventoryPath(known[0]) else { throw ambiguous(known) }
        return Environment(name: known[0], sources: [path], settings: settings.environments[known[0]] ?? .init())
    }

    private func inventoryPath(_ name: String) -> String? {
        guard !name.isEmpty, !name.contains("/"), !Self.isNoInventory(name) else { return nil }
        return [".yml", ".yaml", ".ini", ".json", ""].map { "inventory/\(name)\($0)" }.first { files.exists($0) }
    }

    private static func stem(of name: String) -> String {
        String(name.dropLast(name.pathExtension.isEmpty ? 0 : name.pathExtension.count + 1))
    }

    private func unknown(_ name: String, _ known: [String]) -> Diagnostic {
        let list = known.isEmpty ? "there are none in inventory/" : "there are: \(known.joined(separator: ", "))"
        return Diagnostic(
            code: "unknown-environment", "there is no environment '\(name)'",
            hints: NearestName.hints(for: name, in: known) + [list])
    }

    private func ambiguous(_ known: [String]) -> Diagnostic {
        known.isEmpty
            ? Diagnostic(
                code: "no-environment", "this project has no inventory",
                hints: ["write inventory/production.yml, or begin with 'opsctl init'"])
            : Diagnostic(
                code: "no-environment", "name an environment: \(known.joined(separator: ", "))",
                hints: ["or set default_environment in opsctl.yml, or OPSCTL_ENV"])
    }

    // MARK: Paths

    /// Where an environment's secrets are; the directory may not exist.
    public func secretsDirectory(of environment: String) -> String { "secrets/\(environment)" }

    /// The path of a playbook: as given, or by name in `playbooks/`.
    public func playbook(_ name: String) throws(Diagnostic) -> String {
        let candidates = [name, "playbooks/\(name)", "playbooks/\(name).yml", "playbooks/\(name).yaml"]
        if let found = candidates.first(where: { files.exists($0) && !files.isDirectory($0) }) { return found }
        let names = files.names(in: "playbooks").filter { ["yml", "yaml"].contains($0.pathExtension) }
        let hints = NearestName.hints(for: ProjectFiles.name(of: name), in: names + names.map(Self.stem))
        throw Diagnostic(
            code: "unknown-playbook", "there is no playbook '\(name)'",
            hints: hints.isEmpty && !names.isEmpty ? ["there are: \(names.joined(separator: ", "))"] : hints)
    }
}
