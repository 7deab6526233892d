import Foundation
import OpsCore
import OpsTemplate
import Testing

@testable import OpsProject

/// Every filter, test, lookup and global of Jinja2 and `ansible.builtin` is there, or refused by its name.
@Suite struct PluginTests {
    /// Refused, because a template is no place for them.
    private static let refused = ["filters": ["vault", "unvault"], "lookups": ["config", "url"]]

    private static let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "plugins.json")

    private static func listed() throws -> [String: [String]] {
        try JSONDecoder().decode([String: [String]].self, from: Data(contentsOf: file))
    }

    private static let environment = Templar(files: ProjectFiles(root: "/nonexistent")).environment

    private func value(_ text: String) throws -> Value {
        try Expression(text, at: SourceLocation(file: "test"), environment: Self.environment).evaluate(VariableScope())
    }

    @Test func allAreKnown() throws {
        let listed = try Self.listed()
        let known = [
            "filters": Self.environment.filterNames, "tests": Self.environment.testNames, "lookups": Self.environment.lookupNames,
        ]
        for (kind, names) in known {
            let wanted = try #require(listed[kind])
            #expect(wanted.count > 20)
            #expect(Set(wanted).subtracting(names).sorted() == [], "\(kind)")
        }
        let globals = try #require(listed["globals"])
        for name in globals { #expect(try value("\(name) is defined") == true, "\(name)") }
    }

    @Test(arguments: ["filters", "lookups"]) func refusalsSayWhatToDo(_ kind: String) throws {
        for name in try #require(Self.refused[kind]) {
            let text = kind == "filters" ? "'x' | \(name)('y')" : "lookup('\(name)', 'x')"
            let error = #expect(throws: Diagnostic.self) { try value(text) }
            #expect(error?.message.contains("'\(name)'") == true || error?.message.contains(name) == true, "\(String(describing: error))")
            #expect(error?.hints.isEmpty == false, "\(name)")
        }
    }

    @Test func whatIsNotRefusedWorks() throws {
        let listed = try Self.listed()
        // A password's hash takes its time by design.
        let others = (Self.refused["filters"] ?? []) + ["password_hash"]
        for name in try #require(listed["filters"]) where !others.contains(name) {
            do { _ = try value("'x' | \(name)") } catch {
                let message = "\((error as? Diagnostic)?.message ?? "\(error)")"
                #expect(!message.contains("not supported"), "\(name): \(message)")
            }
        }
    }

    @Test(.enabled(if: InventoryJudgeTests.python != nil, "run Tests/judges/setup"))
    func theListIsTheJudges() throws {
        let root = Self.file.deletingLastPathComponent().deletingLastPathComponent()
        let process = Process()
        process.executableURL = URL(filePath: try #require(InventoryJudgeTests.python))
        process.arguments = [root.appending(path: "judges/plugins.py").path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(try text == String(contentsOf: Self.file, encoding: .utf8))
    }
}
