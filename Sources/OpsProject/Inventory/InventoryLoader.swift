import Foundation
import OpsCore
import OpsYAML

/// Loads inventories: files in INI, YAML or JSON, scripts, directories of them, and lists of hosts.
public struct InventoryLoader: Sendable {
    private let files: ProjectFiles

    public init(files: ProjectFiles) { self.files = files }

    /// Loads all sources into one inventory; what could not be read is reported.
    ///
    /// - Parameter sources: paths, or host names with commas between them, such as `web1,web2` or `localhost,`.
    public func load(_ sources: [String], into diagnostics: inout DiagnosticCollector) -> Inventory {
        var builder = InventoryBuilder()
        var directories: [String] = []
        for source in sources {
            if source.contains(","), !files.exists(source) {
                read(hostList: source, into: &builder, &diagnostics)
                continue
            }
            let path = files.absolute(source)
            guard files.exists(path) else {
                let siblings = files.names(in: ProjectFiles.directory(of: path))
                diagnostics.add(
                    Diagnostic(
                        code: "inventory-not-found", "there is no inventory '\(source)'",
                        hints: NearestName.hints(for: ProjectFiles.name(of: source), in: siblings)))
                continue
            }
            if !read(path, into: &builder, &diagnostics, depth: 0) {
                let location = SourceLocation(file: files.display(path))
                diagnostics.add(Diagnostic(code: "inventory-empty", "the directory holds no inventory", at: location))
            }
            let directory = files.isDirectory(path) ? path : ProjectFiles.directory(of: path)
            if !directories.contains(directory) { directories.append(directory) }
        }
        builder.isSecret = false
        return builder.finished(sources: sources, variableDirectories: directories)
    }

    /// Names of a directory that are no inventories (`inventory/manager.py`).
    private static let ignoredNames: Set<String> = ["group_vars", "host_vars", "vars_plugins"]
    private static let ignoredSuffixes = [
        ".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md", ".txt", ".rst", ".orig", ".cfg", ".retry",
    ]

    /// Whether there was a file to read.
    private func read(
        _ path: String, into builder: inout InventoryBuilder, _ diagnostics: inout DiagnosticCollector, depth: Int
    ) -> Bool {
        guard files.isDirectory(path) else {
            readFile(path, into: &builder, &diagnostics)
            return true
        }
        guard depth < 20 else {
            diagnostics.add(
                Diagnostic(
                    code: "inventory-depth", "directories are nested too deep",
                    at: SourceLocation(file: files.display(path))))
            return true
        }
        var found = false
        for name in files.names(in: path) {
            if name.hasPrefix(".") || Self.ignoredNames.contains(name) { continue }
            if Self.ignoredSuffixes.contains(where: { name.hasSuffix($0) }) { continue }
            if read("\(path)/\(name)", into: &builder, &diagnostics, depth: depth + 1) { found = true }
        }
        return found
    }

    // MARK: One file

    /// Tries the formats in Ansible's order: script, YAML, INI. The first that can read the file is taken.
    private func readFile(
        _ path: String, into builder: inout InventoryBuilder, _ diagnostics: inout DiagnosticCollector
    ) {
        builder.source = path
        let suffix = path.pathExtension
        guard suffix != "toml" else {
            diagnostics.add(
                Diagnostic(
                    code: "inventory-toml", "TOML inventories are not supported",
                    at: SourceLocation(file: files.display(path)),
                    hints: ["'ansible-inventory -i FILE --list --yaml' turns it into YAML"]))
            return
        }
        var failures: [[Diagnostic]] = []
        var warnings: [Diagnostic] = []
        for format in formats(path, suffix) {
            do {
                builder = try read(path, as: format, into: builder, warnings: &warnings)
                diagnostics.add(contentsOf: warnings)
                return
            } catch let error as DiagnosticError {
                failures.append(error.diagnostics)
                // YAML it is, but for a key that is there twice; as INI it would be read as something else.
                if error.diagnostics.allSatisfy({ $0.code == "duplicate-key" }) { break }
            } catch let diagnostic as Diagnostic {
                failures.append([diagnostic])
            } catch {
                failures.append([
                    Diagnostic(code: "inventory", "\(error)", at: SourceLocation(file: files.display(path)))
                ])
            }
        }
        // The first format that claims the file is the one that was meant, unless the name says nothing.
        diagnostics.add(contentsOf: (suffix.isEmpty ? failures.last : failures.first) ?? [])
    }

    private enum Format { case script, yaml, ini }

    private func formats(_ path: String, _ suffix: String) -> [Format] {
        var formats: [Format] = []
        if FileManager.default.isExecutableFile(atPath: path), hasShebang(path) { formats.append(.script) }
        if ["", "yml", "yaml", "json"].contains(suffix) { formats.append(.yaml) }
        return formats + [.ini]
    }

    /// Files on some mounts are all executable; only those that name an interpreter, or are programs, are run.
    private func hasShebang(_ path: String) -> Bool {
        guard let file = FileHandle(forReadingAtPath: path), let start = try? file.read(upToCount: 4) else {
            return false
        }
        return start.starts(with: Array("#!".utf8)) || start.starts(with: [0x7F, 0x45, 0x4C, 0x46])
    }

    private func read(
        _ path: String, as format: Format, into builder: InventoryBuilder, warnings: inout [Diagnostic]
    ) throws -> InventoryBuilder {
        let name = files.display(path)
        var builder = builder
        builder.isSecret = false
        switch format {
        case .script: return try InventoryScript(path: path, location: SourceLocation(file: name)).read(into: builder)
        case .yaml:
            let (document, isSecret) = try files.yaml(path)
            builder.isSecret = isSecret
            warnings += document.warnings
            return try InventoryYAML.read(document.root, file: name, into: builder, warnings: &warnings)
        case .ini:
            warnings = []
            let (text, isSecret) = try files.decrypted(InventoryINI.text(of: path, files), path)
            builder.isSecret = isSecret
            return try InventoryINI.read(text, file: name, into: builder)
        }
    }

    // MARK: Host lists

    private func read(
        hostList: String, into builder: inout InventoryBuilder, _ diagnostics: inout DiagnosticCollector
    ) {
        builder.source = hostList
        for entry in hostList.split(separator: ",") {
            let text = entry.trimmed
            if text.isEmpty { continue }
            let parsed = HostAddress.parse(text, allowRanges: false)
            do {
                if builder.inventory.hostIndex[parsed?.host ?? text] == nil {
                    try builder.addHost(
                        parsed?.host ?? text, to: 1, port: parsed?.port, at: SourceLocation(file: hostList))
                }
            } catch { diagnostics.add(Diagnostic(code: "inventory-host", error.message)) }
        }
    }
}
