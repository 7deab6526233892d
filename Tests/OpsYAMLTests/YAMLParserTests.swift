import OpsCore
import Testing

@testable import OpsYAML

@Suite struct YAMLParserTests {
    private func parse(_ text: String) throws -> Value {
        try #require(YAMLParser().parse(text, file: "f.yml").root).value
    }

    private func errors(_ text: String) -> [Diagnostic] {
        do {
            _ = try YAMLParser().parse(text, file: "f.yml")
            return []
        } catch { return error.diagnostics }
    }

    @Test func resolvesOnlyPlainScalars() throws {
        #expect(
            try parse("a: yes\nb: 'yes'\nc: |\n  1\nd: !!str 5\n2: x\n") == [
                "a": true, "b": "yes", "c": "1\n", "d": "5", 2: "x",
            ])
    }

    @Test func mergesKeysAsPyYAMLDoes() throws {
        let text = "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc:\n  z: 9\n  <<: [*a, *b]\n"
        #expect(try parse(text)["c"] == ["y": 2, "z": 9, "x": 1])
    }

    @Test func bytesAreNoValue() throws {
        let error = #expect(throws: DiagnosticError.self) {
            try YAMLParser().documents("a: !!binary aGVsbG8=\n", file: "f.yml")
        }
        #expect(error?.diagnostics.first?.code == "yaml-binary")
    }

    @Test func keepsTags() throws {
        let root = try #require(
            try YAMLParser().parse("v: !vault |\n  $ANSIBLE\nu: !unsafe '{{ x }}'\nl: !unsafe [1, a]\n", file: "f").root
        )
        #expect(root["v"]?.handling == .vault)
        #expect(root["v"]?.string == "$ANSIBLE\n")
        #expect(root["u"]?.handling == .unsafe)
        #expect(root["l"]?.sequence?.map(\.handling) == [.unsafe, .unsafe])
    }

    @Test func places() throws {
        let root = try #require(try YAMLParser().parse("a:\n  - b: 1\n    c: 2\n", file: "f").root)
        #expect(root["a"]?.sequence?[0]["c"]?.location == SourceLocation(file: "f", line: 3, column: 8))
    }

    @Test(arguments: [
        ("dest: {{ dir }}\n", "unquoted-template", 1, 7),
        ("a: 1\ndest: {{ dir }}/x\n", "unquoted-template", 2, 7),
        ("- {{ item }} x\n", "unquoted-template", 1, 3),
        ("a: 1\nb: 2\na: 3\n", "duplicate-key", 3, 1),
        ("x:\n  a: 1\n  'a': 3\n", "duplicate-key", 3, 3),
        ("yes: 1\ntrue: 2\n", "duplicate-key", 2, 1),
        ("a:\n\t- b\n", "yaml-tab", 2, 1),
        ("a: 1\n  b: 2\n", "yaml-syntax", 2, 4),
        ("a: 'x\n", "yaml-syntax", 2, 1),
        ("a: *b\n", "yaml-syntax", 1, 4),
        ("a: 99999999999999999999\n", "integer-too-large", 1, 4),
        ("a: !vualt x\n", "yaml-tag", 1, 4),
        ("a: 1\n---\nb: 2\n", "yaml-syntax", 2, 1),
        ("a: &x 1\n*x : 2\n", "yaml-alias-key", 2, 1),
        ("<<: 5\na: 1\n", "yaml-merge", 1, 5),
    ])
    func located(_ text: String, _ code: String, _ line: Int, _ column: Int) {
        let found = errors(text)
        #expect(found.map(\.code) == [code])
        #expect(found.first?.location == SourceLocation(file: "f.yml", line: line, column: column))
    }

    @Test func reportsAllFindings() {
        #expect(errors("a: {{ x }}\nb: {{ y }}\nc: !foo 1\n").count == 3)
    }

    @Test func boundsAliases() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...12 {
            let items = repeatElement("*a\(level - 1)", count: 9).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(items)]\n"
        }
        #expect(errors(text).map(\.code) == ["yaml-expansion"])
    }

    @Test(arguments: [
        String(repeating: "[", count: 100_000), String(repeating: "- ", count: 100_000),
        String(repeating: "{a: ", count: 100_000), String(repeating: "? ", count: 100_000),
    ])
    func boundsNesting(_ text: String) { #expect(!errors(text).isEmpty) }

    @Test func deepestAllowedNesting() throws {
        let text = String(repeating: "[", count: 900) + String(repeating: "]", count: 900)
        #expect(errors(text).isEmpty)
    }

    @Test(arguments: [
        ("v: 1.10\n", "yaml-number"), ("t: 22:30\n", "yaml-number"), ("c: [de, no]\n", "yaml-boolean"),
    ])
    func warns(_ text: String, _ code: String) throws {
        #expect(try YAMLParser().parse(text, file: "f").warnings.map(\.code) == [code])
    }

    @Test(arguments: ["", "# only a comment\n", "---\n"])
    func empty(_ text: String) throws {
        let root = try YAMLParser().parse(text, file: "f").root
        #expect(root == nil || root?.isNull == true)
    }
}
