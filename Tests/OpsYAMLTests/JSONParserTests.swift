import OpsCore
import Testing

@testable import OpsYAML

@Suite struct JSONParserTests {
    @Test func keepsPlacesAndOrder() throws {
        let document = try JSONParser.parse("{\"é\": [1,\n\t\"x\"],\n \"b\": {\"c\": 1e5}}", file: "f.json")
        #expect(document.root.value == ["é": [1, "x"], "b": ["c": 100_000.0]])
        #expect(document.root["é"]?.location == SourceLocation(file: "f.json", line: 1, column: 7))
        #expect(document.root["é"]?.sequence?[1].location == SourceLocation(file: "f.json", line: 2, column: 2))
        #expect(document.root["b"]?["c"]?.location == SourceLocation(file: "f.json", line: 3, column: 13))
    }

    @Test(arguments: [
        ("NaN", "nan"), ("-Infinity", "-inf"), ("-0", "0"), ("1.50", "1.5"), ("1E2", "100.0"), ("-1e-2", "-0.01"),
    ])
    func numbers(_ text: String, _ shown: String) throws {
        let value =
            switch try JSONParser.parse(text, file: "").root.scalar {
            case .int(let number)?: "\(number)"
            case .double(let number)?: "\(number)"
            default: ""
            }
        #expect(value == shown)
    }

    @Test(arguments: [
        "", "01", "+1", "1.", ".5", "0x1", "True", "'a'", "\"a", "\"a\tb\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\x41\"",
        "[1,]", "{\"a\": 1,}", "{a: 1}", "{1: 2}", "[1] 2", "99999999999999999999", "{\"__ansible_vault\": 1}",
    ])
    func refuses(_ text: String) { #expect(throws: JSONParser.Problem.self) { try JSONParser.parse(text, file: "") } }

    /// As YAML, the character before it would be the mistake.
    @Test func largeIntegersAreNamed() throws {
        let error = #expect(throws: DiagnosticError.self) {
            try YAMLParser().parse(#"{"a": "\ud83d\ude00", "b": 12345678901234567890}"#, file: "f")
        }
        #expect(error?.diagnostics.map(\.code) == ["integer-too-large"])
        #expect(error?.diagnostics.first?.location?.column == 28)
    }

    @Test func textsOfTags() throws {
        let text = #"{"a": {"__ansible_unsafe": "{{ x }}"}, "b": [{"__ansible_vault": "$"}]}"#
        let root = try JSONParser.parse(text, file: "").root
        #expect(root["a"]?.handling == .unsafe)
        #expect(root["b"]?.sequence?.first?.handling == .vault)
        #expect(root.value == ["a": "{{ x }}", "b": ["$"]])
    }

    @Test func theLastOfEqualKeysCounts() throws {
        let document = try JSONParser.parse(#"{"a": 1, "b": 2, "a": 3}"#, file: "f")
        #expect(document.root.value == ["a": 3, "b": 2])
        #expect(document.duplicates.map(\.key.location.column) == [18])
        #expect(throws: DiagnosticError.self) { try YAMLParser().parse(#"{"a": 1, "a": 3}"#, file: "f") }
    }

    /// One long line is read in one go, not once for each place in it.
    @Test(.timeLimit(.minutes(1))) func longLines() throws {
        let text = "[" + Array(repeating: "{\"a\": 1}", count: 20_000).joined(separator: ",") + "]"
        #expect(try JSONParser.parse(text, file: "").root.sequence?.last?.location.column == 179_993)
    }
}
