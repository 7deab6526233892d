import Foundation
import OpsCore
import OpsTemplate

@testable import OpsProject

/// A case of the corpus in `inventories/`: files, arguments, and what `ansible-inventory` made of them.
struct InventoryCase {
    let name: String
    private(set) var arguments = ["-i", "hosts"]
    private(set) var files: [String: String] = [:]
    private(set) var expected: [String: String] = [:]

    static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
        "inventories")

    /// Names of all cases.
    static let names = ((try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? [])
        .filter { $0.hasSuffix(".txt") }.sorted()

    init(_ name: String) throws {
        self.name = name
        let text = try String(contentsOf: Self.directory.appendingPathComponent(name), encoding: .utf8)
        var current: String?
        // Lines of the files themselves may end in CR LF, which is one character in Swift.
        for line in text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("== ") {
                current = String(line.dropFirst(3))
                sections[current ?? ""] = []
            } else if let current {
                sections[current]?.append(line)
            } else if line.hasPrefix("args: ") {
                arguments = try ShellWords.split(line.dropFirst(6)).map(\.text)
            }
        }
        for (section, lines) in sections {
            // The last piece is what follows the last newline: nothing, or the next section's head.
            let isLast = lines.last == ""
            let content = (isLast ? lines.dropLast() : lines[...]).map { $0 + "\n" }.joined()
            if section.hasPrefix("expected.") { expected[section] = content } else { files[section] = content }
        }
    }

    private var sections: [String: [String]] = [:]

    func option(_ name: String) -> [String] {
        arguments.indices.filter { arguments[$0] == name && $0 + 1 < arguments.count }.map { arguments[$0 + 1] }
    }

    /// What we print, by the name of the expected section; only `expected.error` if it can't be loaded.
    func actual() throws -> [String: String] {
        let fixture = try ProjectFixture(files)
        var diagnostics = DiagnosticCollector()
        let inventory = InventoryLoader(files: fixture.files).load(option("-i"), into: &diagnostics)
        let variables = InventoryVariables(
            inventory, playbookDirectory: option("--playbook-dir").first, files: fixture.files, into: &diagnostics)
        guard !diagnostics.hasErrors else { return ["expected.error": "ansible-inventory fails\n"] }
        var results: [String: String] = [:]
        for isExport in [false, true] {
            var warnings: [Diagnostic] = []
            let dump: InventoryDump
            do {
                dump = try InventoryDump(
                    variables, limit: option("--limit").first, isExport: isExport, files: fixture.files,
                    warnings: &warnings)
            } catch { return ["expected.error": "ansible-inventory fails\n"] }
            results[isExport ? "expected.export" : "expected.json"] = JSONText.pretty(dump.list) + "\n"
            if isExport { continue }
            results["expected.yaml"] = try dump.yamlList()
            results["expected.graph"] = (dump.graph() ?? "") + "\n"
        }
        return results.mapValues { $0.replacingOccurrences(of: fixture.root, with: "DIR") }
    }
}
