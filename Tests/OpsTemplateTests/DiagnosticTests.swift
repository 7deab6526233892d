import OpsCore
import Testing

@testable import OpsTemplate

/// Errors name the place, the reason and what to do.
@Suite struct DiagnosticTests {
    private func failure(
        _ source: String, _ variables: [String: Value] = [:], _ environment: TemplateEnvironment = TemplateEnvironment()
    ) throws -> Diagnostic {
        do {
            _ = try Template(source: source, file: "a.j2", environment: environment).render(VariableScope(variables))
        } catch let diagnostic as Diagnostic {
            return diagnostic
        }
        throw Diagnostic(code: "test", "'\(source)' did not fail")
    }

    @Test func undefinedNameHasItsPlaceAndTheNearestName() throws {
        let diagnostic = try failure("first\n  {{ 'é' }}{{ retentoin }}", ["retention": "15d"])
        #expect(diagnostic.code == "template-undefined")
        #expect(diagnostic.message == "'retentoin' is not defined")
        #expect(diagnostic.location == SourceLocation(file: "a.j2", line: 2, column: 15))
        #expect(diagnostic.hints == ["did you mean 'retention'?"])
    }

    @Test func missingAttributeTellsWhatTheParentHas() throws {
        let diagnostic = try failure("{{ host.net.adress }}", ["host": ["net": ["zone": "a", "port": 1]]])
        #expect(diagnostic.message == "'host.net' has no attribute 'adress'")
        #expect(diagnostic.hints == ["it has: zone, port"])
        #expect(diagnostic.location == SourceLocation(file: "a.j2", line: 1, column: 13))
    }

    @Test func missingAttributeSuggestsTheNearest() throws {
        #expect(try failure("{{ d.adress }}", ["d": ["address": 1]]).hints == ["did you mean 'address'?"])
    }

    @Test func unknownFilterIsFoundWithoutRendering() throws {
        #expect(throws: Diagnostic.self) {
            try Template(source: "{{ x | to_jsn }}", file: "a.j2", environment: TemplateEnvironment())
        }
        #expect(try failure("{{ x | to_jsn }}").hints == ["did you mean 'to_json'?"])
    }

    @Test(arguments: [
        "a {{ $labels.instance }}", "{{ .Group }}", "{{ . }}", "{{ .}}", "{{ range .Alerts }}", "{{ end }}", "{{- end -}}", "{{ else }}",
        "{{ if eq .x 1 }}", "{{ if .x }}", "{{ else if .y }}", "{{ with $labels }}", "{{- define \"x\" -}}", "{{ template \"x\" . }}",
        "{{ block \"x\" . }}", "{{ printf \"%s\" .x }}", "{{ len .X }}", "{{ not .x }}", "{{/* it's a comment */}}", "{{- /* c */ -}}",
        "{{ query \"up\" | first | value }}", "{{ query `up` }}", "{{ reReplaceAll \"a\" \"b\" $labels.x }}", "{{ $x := 1 }}",
        "{{ humanize 12.5 }}", "{{ .x | humanize }}", "{{ index .x 1 }}", "{{ range $i, $e := .x }}",
    ])
    func goTemplateTextIsRecognized(_ source: String) throws {
        let diagnostic = try failure(source)
        #expect(diagnostic.code == "template-go-text")
        #expect(diagnostic.hints.contains { $0.contains("{% raw %}") })
    }

    @Test(arguments: [
        "{{ end }}", "{{ end.a }}", "{{ end .a }}", "{{ range.a }}", "{{ template | default(1) }}", "{{ nope .x | default(1) }}",
        "{{ 'a' .upper() }}", "{{ range(2) }}", "{{ [end] .pop() }}",
    ])
    func whatIsDefinedIsNotTakenForGo(_ source: String) throws {
        _ = try Template(source: source, file: "a.j2", environment: TemplateEnvironment())
            .render(VariableScope(["end": ["a": 1], "range": ["a": 1]].filter { source.contains($0.key) && !source.contains("(2)") }))
    }

    @Test func statementsInTheWrongBracketsAreRefusedWithBothWays() throws {
        let hints = try failure("{{ if x == 1 }}", ["x": 1]).hints
        #expect(hints.contains("or write {% if … %} for Jinja's own"))
        #expect(try failure("{{ foo bar }}").code == "template-syntax")
    }

    @Test(arguments: ["line_statement_prefix", "line_comment_prefix"])
    func lineStatementsAreOff(_ setting: String) throws {
        let diagnostic = try failure("#jinja2: \(setting): '%'\nx")
        #expect(diagnostic.message.contains("line statements are off"))
        #expect(diagnostic.location == SourceLocation(file: "a.j2"))
    }

    @Test func placesPointIntoTheYAMLFile() throws {
        let origin = TemplateOrigin(SourceLocation(file: "play.yml", line: 14, column: 9), continuationColumn: 7)
        let text = try TemplatedText("a\nb {{ nope }}", origin: origin, environment: TemplateEnvironment())
        let error = #expect(throws: Diagnostic.self) { try text.evaluate(VariableScope()) }
        #expect(error?.location == SourceLocation(file: "play.yml", line: 15, column: 12))
    }

    @Test func headerLineCountsAsALine() throws {
        #expect(try failure("#jinja2: trim_blocks: False\n{{ nope }}").location?.line == 2)
    }

    @Test func includesAreInTheTrail() throws {
        var environment = TemplateEnvironment()
        environment.loader = { name, _ in
            name == "inner.j2" ? LoadedTemplate(text: "x\n{{ nope }}", file: "t/inner.j2") : nil
        }
        let diagnostic = try failure("\n{% include 'inner.j2' %}", [:], environment)
        #expect(diagnostic.location == SourceLocation(file: "t/inner.j2", line: 2, column: 4))
        #expect(diagnostic.trail.map(\.message) == ["included"])
        #expect(diagnostic.trail.first?.location == SourceLocation(file: "a.j2", line: 2, column: 4))
    }

    @Test func unclosedBlockNamesTheTag() throws {
        let diagnostic = try failure("{% for x in y %}\n{% if x %}\n{% endfor %}")
        #expect(diagnostic.message == "unexpected tag 'endfor', looking for 'elif' or 'else' or 'endif'")
        #expect(diagnostic.hints == ["the innermost block that needs to be closed is 'if'"])
    }

    @Test func conditionsAreStrict() throws {
        let place = SourceLocation(file: "play.yml", line: 3, column: 9)
        let condition = try Expression("flag", at: place, environment: TemplateEnvironment())
        #expect(try condition.holds(VariableScope(["flag": true])))
        let error = #expect(throws: Diagnostic.self) { try condition.holds(VariableScope(["flag": "false"])) }
        #expect(error?.code == "condition-not-boolean")
    }

    @Test func tooLargeIntegersSaySo() throws {
        #expect(try failure("{{ 99999999999999999999 }}").message.contains("64 bits"))
        #expect(try failure("{{ 2 ** 63 }}").code == "template-overflow")
    }

    @Test func errorInAVariablesOwnValueKeepsItsPlace() throws {
        struct Failing: TemplateScope {
            var names: [String] { ["a"] }
            func value(of name: String) throws -> Value? {
                throw Diagnostic(code: "inner", "inner", at: SourceLocation(file: "vars.yml", line: 7, column: 1))
            }
        }
        let template = try Template(source: "{{ a }}", file: "a.j2", environment: TemplateEnvironment())
        let error = #expect(throws: Diagnostic.self) { try template.render(Failing()) }
        #expect(error?.location?.file == "vars.yml")
        #expect(error?.trail.first?.location == SourceLocation(file: "a.j2", line: 1, column: 4))
    }
}
