import OpsCore
import Testing

@testable import OpsTemplate

/// Nothing in a template hangs or crashes the program.
@Suite struct LimitTests {
    /// Bounds that are reached soon; the program's own are larger.
    private static let tight: TemplateEnvironment = {
        var environment = TemplateEnvironment()
        environment.limits.iterations = 200_000
        environment.limits.outputSize = 1 << 21
        environment.limits.regexSteps = 100_000
        return environment
    }()

    private func code(_ source: String, _ environment: TemplateEnvironment = tight) -> String? {
        do {
            _ = try Template(source: source, file: "a.j2", environment: environment).evaluate(VariableScope())
            return nil
        } catch {
            return (error as? Diagnostic)?.code
        }
    }

    private func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

    @Test(arguments: [
        "{% for i in range(100000000) %}{% endfor %}",
        "{% for i in range(10000) %}{% for j in range(10000) %}{% endfor %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}",
        "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
        "{{ 'x' * 10000000000 }}", "{{ [0] * 10000000000 }}", "{{ 'x'.center(9999999999) }}", "{{ 'a' | indent(99999999) }}",
        "{% set ns = namespace(s='0123456789') %}{% for i in range(100) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
        "{% set ns = namespace(l=[0]) %}{% for i in range(100) %}{% set ns.l = ns.l + ns.l %}{% endfor %}",
        "{{ range(2000) | product(range(2000)) | list }}", "{{ range(30) | permutations | list }}",
        "{{ ('a' * 40) | regex_replace('(a+)+$', 'x') }}{{ ('a' * 40 ~ 'b') | regex_search('(a+)+$') }}",
        "{% set l = [] %}{% do l.append(l) %}{{ l }}", "{% set d = {} %}{% do d.update({'d': d}) %}{{ d | to_json }}",
        "{{ '%9999999999d' % 1 }}", "{{ '{:9999999999}'.format(1) }}", "{{ ('a' * 1000000).replace('a', 'b' * 1000000) }}",
        "{% for i in range(4000000) %}{{ 'x' * 100 }}{% endfor %}",
    ])
    func endsWithAnError(_ source: String) {
        let code = code(source)
        #expect(code == "template-limit", "\(code ?? "no error")")
    }

    @Test func deepInputIsAnErrorAndNoCrash() {
        let deep = [
            "{{ " + repeated("(", 20_000), "{{ " + repeated("[", 10_000) + repeated("]", 10_000) + " }}",
            "{{ " + repeated("not ", 20_000) + "x }}", "{{ " + repeated("-", 20_000) + "1 }}", "{{ 1" + repeated(" + 1", 20_000) + " }}",
            "{{ x" + repeated("|list", 20_000) + " }}", "{{ x" + repeated(".a", 20_000) + " }}", "{{ x" + repeated("[0]", 20_000) + " }}",
            repeated("{% if x %}", 10_000), repeated("{% for x in y %}", 10_000), "{{ " + repeated("{1:", 10_000),
            "{{ a" + repeated(" if b else c", 10_000) + " }}", "{% set " + repeated("(", 10_000) + "a",
            "{{ x" + repeated(" == 1", 10_000) + " }}", "{{ " + repeated("a if ", 20_000), "{{ " + repeated("f(", 10_000),
            "{{ x" + repeated(" and x", 10_000) + " }}",
            "{{ " + repeated("(", 90) + "x" + repeated("|list)" + repeated("|list", 90), 90) + " }}",
            "{{ ('x' | regex_replace('" + repeated("(", 10_000) + "', '')) }}", "{{ '" + repeated("[", 10_000) + "' | from_json }}",
        ]
        for source in deep { #expect(code(source) != nil, "\(source.prefix(30))") }
    }

    @Test func longChainsOfReferencesAreReleasedWithoutRecursion() {
        let source = "{% set ns = namespace(l=[]) %}{% for i in range(150000) %}{% set ns.l = [ns.l] %}{% endfor %}ok"
        #expect(code(source) == nil)
        #expect(code("{% set ns = namespace(d={}) %}{% for i in range(100000) %}{% set ns.d = {'d': ns.d} %}{% endfor %}ok") == nil)
        #expect(
            code("{% set ns = namespace() %}{% for i in range(100000) %}{% set ns.n = namespace(p=ns.n|default(0)) %}{% endfor %}ok")
                == nil)
    }

    @Test func includesThatNeverEnd() {
        var environment = LimitTests.tight
        environment.loader = { name, _ in LoadedTemplate(text: "{% include '\(name)' %}", file: name) }
        #expect(code("{% include 'a' %}", environment) == "template-limit")
        environment.loader = { name, _ in LoadedTemplate(text: "{% extends '\(name)' %}", file: name) }
        #expect(code("{% extends 'a' %}", environment) == "template-limit")
    }
}
