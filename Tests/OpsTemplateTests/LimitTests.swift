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
        environment.limits.visits = 100_000
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

    /// Lists and mappings that hold one another twice, 60 levels deep, take little memory and for ever to walk through.
    @Test(arguments: [
        "{{ ns.x }}", "{{ ns.x | to_json }}", "{{ ns.x | to_nice_json }}", "{{ ns.x | tojson }}", "{{ ns.x | to_yaml }}",
        "{{ ns.x | to_nice_yaml }}", "{{ ns.x ~ '' }}", "{{ ns.x == ns.y }}", "{{ ns.x < ns.y }}", "{{ ns.x in [ns.y] }}",
        "{{ [ns.x, ns.y] | sort }}", "{{ [ns.x, ns.y] | unique }}", "{{ [ns.x] | difference([ns.y]) }}", "{{ ns.x | flatten }}",
        "{{ {'a': ns.m} | combine({'a': ns.n}, recursive=true) | length }}", "{{ ns.m == ns.n }}", "{{ ns.m }}", "{{ ns.m | to_json }}",
        "{% for i in [ns.x, ns.y] %}{{ loop.changed(i) }}{% endfor %}", "{{ '%s' % ns.x }}", "{{ '%s' | safe % ns.t }}",
        "{{ lookup('flattened', ns.x) }}", "{{ [ns.t, ns.u] | unique }}",
    ])
    func sharedValuesEndWithAnError(_ use: String) {
        let source = """
            {% set ns = namespace(x=[], y=[], t=(), u=(), m={'a': {'b': 1}}, n={'a': {'b': 1}}) %}{% for i in range(60) %}\
            {% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, ns.y] %}{% set ns.t = (ns.t, ns.t) %}{% set ns.u = (ns.u, ns.u) %}\
            {% set ns.m = {'a': ns.m, 'b': ns.m} %}{% set ns.n = {'a': ns.n, 'b': ns.n} %}{% endfor %}
            """
        let found = code(source + use)
        #expect(found == "template-limit", "\(found ?? "no error")")
    }

    /// What takes Python no time, or is longer than one usually writes.
    @Test(.timeLimit(.minutes(5)))
    func muchIsNotSlow() {
        let numbers = 0..<2000
        let sources = [
            "{{ ('a' * 100000) | wordwrap(1) | length }}", "{{ range(20000) | map('string') | groupby('0') | length }}",
            "{% set s = 'é' * 10000 %}{% for i in range(10000) %}{% if s[i] == 'x' or s[i:i+1] == 'x' %}{% endif %}{% endfor %}",
            "{% set s = 'é' * 200000 %}{% for i in range(2000) %}{% if s | length == 0 %}{% endif %}{% endfor %}",
            "{% set u = [] %}{% for i in range(2000) %}{% do u.append({'a': i}) %}{% endfor %}{{ u | unique | length }}",
            numbers.map { "{% macro m\($0)() %}x{% endmacro %}" }.joined() + numbers.map { "{{ m\($0)() }}" }.joined(),
            "{{ dict(" + numbers.map { "a\($0)=\($0)" }.joined(separator: ",") + ") | length }}",
            "{% macro m() %}{{ kwargs | length }}{% endmacro %}{{ m(" + numbers.map { "a\($0)=\($0)" }.joined(separator: ",") + ") }}",
            numbers.map { "{{ v\($0) | default(1) }}\n" }.joined(),
        ]
        for source in sources { #expect(code(source) == nil, "\(source.prefix(60))") }
    }

    @Test func longListsThatMoveTheirItemsEndWithAnError() {
        let source = "{% set l = range(50000) | list %}{% for i in range(50000) %}{% do l.pop(0) %}{% endfor %}"
        #expect(code(source) == "template-limit")
    }

    @Test func passwordHashesTakeSecondsAtMost() {
        #expect(code("{{ 'x' | password_hash('bcrypt', rounds=31) }}") == "template-value")
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
