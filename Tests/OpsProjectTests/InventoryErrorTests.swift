import Foundation
import OpsCore
import Testing

@testable import OpsProject

/// Where and how mistakes in inventories are reported.
@Suite struct InventoryErrorTests {
    private func findings(_ files: [String: String], _ sources: [String]) throws -> [Diagnostic] {
        let fixture = try ProjectFixture(files)
        var diagnostics = DiagnosticCollector()
        let inventory = InventoryLoader(files: fixture.files).load(sources, into: &diagnostics)
        _ = InventoryVariables(inventory, playbookDirectory: nil, files: fixture.files, into: &diagnostics)
        return diagnostics.diagnostics
    }

    @Test(arguments: [
        ("[web]\nh1 foo\n", "inventory-variable", 2, 4), ("h1 a=\"x\n", "inventory-quote", 1, 1),
        ("[web servers]\n", "inventory-section", 1, 1), ("[a:chidren]\n", "inventory-section", 1, 1),
        ("[a:vars]\nx=1\n", "unknown-group", 1, 1), ("[a:children]\nb\n[a:vars]\nx\n", "inventory-variable", 4, 1),
        ("h[1:]\n", "inventory-host", 1, 1), ("h1:\n", "inventory-host", 1, 1),
        ("[a:children]\nb\n[b:children]\na\n", "inventory-loop", 4, 1),
        ("h1 id=99999999999999999999\n", "integer-too-large", 1, 4), ("h[0:99999999]\n", "inventory-host", 1, 1),
    ])
    func ini(_ text: String, _ code: String, _ line: Int, _ column: Int) throws {
        let found = try findings(["hosts.ini": text], ["hosts.ini"])
        #expect(found.map(\.code) == [code])
        #expect(found.first?.location == SourceLocation(file: "hosts.ini", line: line, column: column))
    }

    @Test(arguments: [
        ("all:\n  hosts:\n    - h1\n", "inventory-structure", 3, 5),
        ("all:\n  hosts:\n    12:\n", "inventory-host", 3, 5),
        ("plugin: aws_ec2\n", "inventory-plugin", 1, 9), ("all:\n  hosts: {h1: {{ x }}}\n", "unquoted-template", 2, 15),
        ("all:\n  hosts:\n    h1:\n    h1:\n", "duplicate-key", 4, 5), ("all:\n\thosts:\n", "yaml-tab", 2, 1),
    ])
    func yaml(_ text: String, _ code: String, _ line: Int, _ column: Int) throws {
        let found = try findings(["hosts.yml": text], ["hosts.yml"])
        #expect(found.map(\.code) == [code])
        #expect(found.first?.location == SourceLocation(file: "hosts.yml", line: line, column: column))
    }

    /// As INI, it would be a host whose name is a brace.
    @Test(arguments: ["hosts.json", "hosts"])
    func aDuplicateKeyIsNoReasonToReadAFileAsINI(_ name: String) throws {
        let found = try findings([name: "{\n  \"all\": {},\n  \"all\": {}\n}\n"], [name])
        #expect(found.map(\.code) == ["duplicate-key"])
        #expect(found.first?.location == SourceLocation(file: name, line: 3, column: 3))
        #expect(found.first?.trail.first?.location == SourceLocation(file: name, line: 2, column: 3))
    }

    @Test(arguments: [("hosts", "[g:children]\nall\n", 2), ("hosts", "[g:vars]\nansible_group_priority=x\n[g]\n", 2)])
    func groups(_ name: String, _ text: String, _ line: Int) throws {
        let found = try findings([name: text], [name])
        #expect(found.map(\.location?.line) == [line])
    }

    @Test func commentsNeedNotBeUTF8() throws {
        let fixture = try ProjectFixture([:])
        try FileManager.default.createDirectory(atPath: fixture.root, withIntermediateDirectories: true)
        let path = fixture.root + "/hosts"
        try Data([0x23, 0x20, 0xFF, 0x0A, 0x68, 0x31, 0x0A]).write(to: URL(filePath: path))
        var diagnostics = DiagnosticCollector()
        #expect(InventoryLoader(files: fixture.files).load(["hosts"], into: &diagnostics).hosts.map(\.name) == ["h1"])
        try Data([0x68, 0xFF, 0x0A]).write(to: URL(filePath: path))
        _ = InventoryLoader(files: fixture.files).load(["hosts"], into: &diagnostics)
        #expect(diagnostics.diagnostics.map(\.code) == ["file-encoding"])
    }

    @Test(arguments: [",", "@none", "!", "web:&"])
    func aLimitThatNamesNothingIsRefused(_ limit: String) throws {
        let fixture = try ProjectFixture(["hosts": "[web]\nh1\n", "none": "\n"])
        var diagnostics = DiagnosticCollector()
        let inventory = InventoryLoader(files: fixture.files).load(["hosts"], into: &diagnostics)
        var warnings: [Diagnostic] = []
        #expect(throws: Diagnostic.self) {
            try inventory.hosts(matching: "all", limit: limit, files: fixture.files, warnings: &warnings)
        }
    }

    @Test func warnsAboutSkippedKeys() throws {
        let found = try findings(["hosts.yml": "web:\n  host: {h1: }\n  hosts: {h2: }\n"], ["hosts.yml"])
        #expect(found.map(\.severity) == [.warning])
        #expect(found.first?.hints == ["did you mean 'hosts'?"])
    }

    @Test func missing() throws {
        let found = try findings(["hosts": "h1\n"], ["host"])
        #expect(found.map(\.code) == ["inventory-not-found"])
        #expect(found.first?.hints == ["did you mean 'hosts'?"])
    }

    @Test func reportsEveryBrokenFile() throws {
        let found = try findings(
            [
                "hosts": "[g]\nh1\n", "group_vars/g.yml": "a: {{ x }}\n", "group_vars/all.yml": "a: 1\na: 2\n",
                "host_vars/h1.yml": "- x\n",
            ],
            ["hosts"])
        #expect(found.map(\.code).sorted() == ["duplicate-key", "unquoted-template", "wrong-type"])
    }

    @Test func aSourceThatFailsLeavesNothingBehind() throws {
        let fixture = try ProjectFixture(["a": "[g]\nh1\n", "b": "[g]\nh2\n[nowhere:vars]\nx=1\n"])
        var diagnostics = DiagnosticCollector()
        let inventory = InventoryLoader(files: fixture.files).load(["a", "b"], into: &diagnostics)
        #expect(inventory.hosts.map(\.name) == ["h1"])
        #expect(diagnostics.hasErrors)
    }

    @Test func patternsThatMatchNothingAreWarnedAbout() throws {
        let fixture = try ProjectFixture(["hosts": "[web]\nh1\n"])
        var diagnostics = DiagnosticCollector()
        let inventory = InventoryLoader(files: fixture.files).load(["hosts"], into: &diagnostics)
        var warnings: [Diagnostic] = []
        #expect(try inventory.hosts(matching: "wbe", warnings: &warnings) == [])
        #expect(warnings.first?.hints == ["did you mean 'web'?"])
    }
}
