import OpsCore
import OpsReport
import Testing

@Suite struct DiagnosticTextTests {
    private let playbook = """
        - hosts: all
          steps:
            - name: Greet
              copy:
                detination: /etc/motd
        """

    private var typo: Diagnostic {
        Diagnostic(
            code: "unknown-key", "unknown key 'detination' in module 'copy'",
            at: SourceLocation(file: "playbooks/deploy.yml", line: 5, column: 9),
            hints: ["did you mean 'destination'?"],
            trail: [.init("imported here", at: SourceLocation(file: "playbooks/site.yml", line: 2, column: 3))])
    }

    @Test func showsPlaceExcerptCaretTrailAndHint() {
        let text = DiagnosticText { [playbook] _ in playbook }
        #expect(
            text.text(typo) == """
                playbooks/deploy.yml:5:9: error: unknown key 'detination' in module 'copy'
                   4 |       copy:
                   5 |         detination: /etc/motd
                     |         ^
                playbooks/site.yml:2:3: note: imported here
                hint: did you mean 'destination'?

                """)
    }

    @Test func severalAreSortedAndCounted() throws {
        let text = DiagnosticText { [playbook] file in file == "playbooks/deploy.yml" ? playbook : nil }
        let all = [
            typo,
            Diagnostic(
                .warning, code: "w", "port 22 is written twice", at: SourceLocation(file: "inventory/a.ini", line: 7)),
            Diagnostic(code: "e", "no inventory was found\nlooked in inventory/", hints: ["start with: opsctl init"]),
        ]
        try expectGolden("diagnostics.txt", text.text(all))
    }

    @Test func aLongLineIsShownAroundThePlace() {
        let line = String(repeating: "a", count: 300) + "X" + String(repeating: "b", count: 300)
        let text = DiagnosticText(width: 40) { _ in line }
        let shown = text.text(Diagnostic(code: "x", "m", at: SourceLocation(file: "f", line: 1, column: 301)))
        let lines = shown.split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= 40 })
        let caret = lines[2].firstIndex(of: "^").map { lines[2].distance(from: lines[2].startIndex, to: $0) }
        let place = lines[1].firstIndex(of: "X").map { lines[1].distance(from: lines[1].startIndex, to: $0) }
        #expect(caret == place)
    }

    @Test func theCaretCountsColumnsNotCharacters() {
        let text = DiagnosticText { _ in "name: 監視\u{1B}[2J x" }
        let lines = text.text(Diagnostic(code: "x", "m", at: SourceLocation(file: "f", line: 1, column: 14)))
            .split(separator: "\n")
        #expect(lines[1] == "   1 | name: 監視\\x1b[2J x")
        #expect(lines[2] == "     |                   ^")
    }

    @Test(arguments: [(0, 1), (99, 1), (1, 0), (1, 99), (-3, -3)])
    func placesOutsideTheTextDoNoHarm(line: Int, column: Int) {
        let text = DiagnosticText { _ in "one line" }
        #expect(
            text.text(Diagnostic(code: "x", "m", at: SourceLocation(file: "f", line: line, column: column))).contains(
                "error: m"))
    }
}
