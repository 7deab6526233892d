import Foundation
import OpsCore
import OpsYAML
import Testing

@testable import OpsProject

/// Random changes to real inputs: whatever comes out, it is a value or a diagnostic, it comes soon, and it takes no
/// more memory than there is reason for.
///
/// Seeded, so a failure can be repeated; OPSCTL_FUZZ_ROUNDS makes it longer, OPSCTL_FUZZ_SEED makes it another one.
@Suite struct FuzzTests {
    private static let rounds = ProcessInfo.processInfo.environment["OPSCTL_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 300

    private static let seedOffset = ProcessInfo.processInfo.environment["OPSCTL_FUZZ_SEED"].flatMap { UInt64($0) } ?? 0
    /// Most memory that one input may add, in bytes: a million hosts fit, a runaway does not.
    private static let mostMemory = 1 << 30

    /// Memory of this process that is in use; 0 where the system does not tell.
    private static var residentBytes: Int {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * 4096
    }

    /// SplitMix64.
    private struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }

    /// Pieces that mean something to one of the formats.
    private static let pieces = [
        "\n", "  ", "\t", "- ", ": ", "{{ x }}", "{% if %}", "[", "]", "{", "}", "\"", "'", "#", "|", ">", "&a ", "*a",
        "<<: *a",
        "!vault ", "!unsafe ", "---\n", "? ", "[web]\n", "[a:children]\n", "[a:vars]\n", "x=1", "h[1:3]", "h[01:99999]",
        "[::1]:22",
        "0o7", "1:30", "1e999", "\\", "\\x", "\\u12", "é", "\u{1F600}", "\u{0}", "\r\n", "=", ",", "True", "None",
        "set()", "(((((",
        "include_tasks: x", "block:", "when: ", "with_items: ", "hosts: all", "roles: [a]", "%", "@", "`", "~", "null",
        "99999999999999999999",
    ]

    private static func mutate(_ text: String, _ random: inout Random) -> String {
        var scalars = Array(text.unicodeScalars)
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            let position = Int.random(in: 0...scalars.count, using: &random)
            let end = min(scalars.count, position + Int.random(in: 0...12, using: &random))
            switch Int.random(in: 0..<5, using: &random) {
            case 0: scalars.removeSubrange(position..<end)
            case 1: scalars.insert(contentsOf: scalars[position..<end], at: position)
            case 2, 3:
                scalars.insert(contentsOf: (pieces.randomElement(using: &random) ?? "").unicodeScalars, at: position)
            default:
                let piece = pieces.randomElement(using: &random) ?? ""
                let repeated = String(repeating: piece, count: Int.random(in: 1...40, using: &random))
                scalars.replaceSubrange(position..<end, with: repeated.unicodeScalars)
            }
        }
        var result = String.UnicodeScalarView()
        result.append(contentsOf: scalars)
        return String(result)
    }

    /// Runs the body on many mutations of the seeds; one that takes long is a failure.
    private func fuzz(_ seeds: [String], seed: UInt64, _ body: (String) throws -> Void) throws {
        var random = Random(state: seed &+ Self.seedOffset &* 1000)
        let clock = ContinuousClock()
        let before = Self.residentBytes
        for round in 0..<Self.rounds {
            let text = Self.mutate(seeds.randomElement(using: &random) ?? "", &random)
            let time = try clock.measure { try body(text) }
            #expect(time < .seconds(20), "round \(round) of seed \(seed): \(text.debugDescription)")
            let memory = Self.residentBytes
            try #require(
                memory < before + Self.mostMemory,
                "round \(round) of seed \(seed): \(memory >> 20) MB after \(text.debugDescription)")
        }
    }

    private func inventories(_ isWanted: (String) -> Bool) throws -> [String] {
        try InventoryCase.names.filter(isWanted).flatMap { name in
            try InventoryCase(name).files.filter { !$0.key.hasSuffix("!") }.map(\.value)
        }
    }

    @Test func yaml() throws {
        try fuzz(try inventories { $0.hasPrefix("yaml") } + Self.playbooks, seed: 1) { text in
            do throws(DiagnosticError) { _ = try YAMLParser().parse(text, file: "f").root?.value } catch {
                #expect(!error.diagnostics.isEmpty)
            }
        }
    }

    @Test func iniInventories() throws {
        try fuzz(try inventories { $0.hasPrefix("ini") }, seed: 2) { text in
            do throws(Diagnostic) {
                let builder = try InventoryINI.read(text, file: "f", into: InventoryBuilder())
                let inventory = builder.finished(sources: [], variableDirectories: [])
                #expect(inventory.hosts.count <= InventoryBuilder.maximumHosts)
            } catch { #expect(!error.message.isEmpty) }
        }
    }

    @Test func yamlInventories() throws {
        try fuzz(try inventories { $0.hasPrefix("yaml") }, seed: 3) { text in
            var warnings: [Diagnostic] = []
            do {
                let root = try YAMLParser().parse(text, file: "f").root
                let builder = try InventoryYAML.read(root, file: "f", into: InventoryBuilder(), warnings: &warnings)
                _ = builder.finished(sources: [], variableDirectories: [])
            } catch {}
        }
    }

    @Test func pythonLiterals() throws {
        let seeds = try InventoryCase("ini-types-group.txt").files.values.flatMap {
            $0.split(separator: "\n").map(String.init)
        }
        try fuzz(seeds, seed: 4) { text in
            do { _ = try PythonLiteral.parse(text) } catch {}
        }
    }

    @Test func hostPatterns() throws {
        let fixture = try ProjectFixture(["hosts": "[web]\nweb[1:9]\n[db]\ndb1\n[all2:children]\nweb\n"])
        var diagnostics = DiagnosticCollector()
        let inventory = InventoryLoader(files: fixture.files).load(["hosts"], into: &diagnostics)
        try fuzz(["web:&db", "~web\\d", "web[0:2]", "!web*", "a,b,&c", "[2001:db8::1]:22", "w[!a]b"], seed: 5) { text in
            var warnings: [Diagnostic] = []
            do { _ = try inventory.hosts(matching: text, warnings: &warnings) } catch {}
        }
    }

    @Test func playbooks() throws {
        try fuzz(Self.playbooks, seed: 6) { text in
            let fixture = try ProjectFixture([
                "site.yml": text, "x": "- debug: {msg: x}\n", "roles/a/tasks/main.yml": "- debug:\n",
                "t.yml": "- import_tasks: t.yml\n",
            ])
            var diagnostics = DiagnosticCollector()
            let playbook = PlaybookLoader(files: fixture.files, catalogue: .sample).load("site.yml", into: &diagnostics)
            #expect(playbook.plays.count < 1000)
        }
    }

    @Test func json() throws {
        try fuzz(
            [#"{"web": {"hosts": ["a", "b"], "vars": {"x": [1, 2.5e3, null, true, "\u00e9\ud83d\ude00"]}}}"#], seed: 7
        ) { text in
            do { _ = try JSONParser.parse(text, file: "x.json") } catch {}
        }
    }

    private static let playbooks = [
        """
        - name: one
          hosts: web:&eu
          become: true
          vars: {x: 1, y: "{{ x }}"}
          vars_files: [a.yml]
          roles:
            - role: a
              vars: {z: 2}
          tasks:
            - name: copy
              copy: src=a dest="b c" mode=0644
              when: [x == 1, y is defined]
              notify: restart
            - block:
                - command: echo {{ item }} chdir=/tmp
                  loop: [1, 2]
                  loop_control: {label: "{{ item }}"}
                  register: out
                  until: out.rc == 0
              rescue:
                - debug: {msg: "{{ out }}"}
              always:
                - include_tasks: x
            - import_tasks: t.yml
            - import_role: {name: a}
          handlers:
            - name: restart
              service: {name: x, state: restarted}
        - import_playbook: site.yml
        """
    ]
}
