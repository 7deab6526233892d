import OpsCore
import Testing

import OpsTemplate

/// What the rest of the program uses, through the public interface only.
@Suite struct InterfaceTests {
    private let place = TemplateOrigin(file: "vars.yml")

    @Test func aLoneExpressionKeepsItsType() throws {
        let scope = VariableScope(["n": 5, "l": [1, "a"], "t": true, "s": "7", "none": .null, "m": ["k": 1.5]])
        func value(_ text: String) throws -> Value {
            try TemplatedText(text, origin: place, environment: TemplateEnvironment()).evaluate(scope)
        }
        #expect(try value("{{ n }}") == 5)
        #expect(try value("{{ l }}") == [1, "a"])
        #expect(try value("{{ t }}") == true)
        #expect(try value("{{ s }}") == "7")
        #expect(try value("{{ none }}") == .null)
        #expect(try value("{{ m }}") == ["k": 1.5])
        #expect(try value("{{ n }}{{ n }}") == "55")
        #expect(try value("n is {{ n }}") == "n is 5")
        #expect(try value("plain $x \\1") == "plain $x \\1")
        #expect(try value("{{ 'a1' | regex_replace('(a)', '\\1\\1') }}") == "aa1")
    }

    @Test func referencedNamesLeaveOutWhatTheTemplateBinds() throws {
        let source = """
            {% set a = b %}{{ a }}{{ c.d }}{% for i in list if i > low %}{{ i }}{{ loop.index }}{{ a }}{% endfor %}
            {% macro m(p, q=dflt) %}{{ p }}{{ outer }}{% endmacro %}{{ m(x) }}{% with w = v %}{{ w }}{% endwith %}{{ c }}
            """
        let template = try Template(source: source, file: "a.j2", environment: TemplateEnvironment())
        #expect(Set(template.referencedNames.keys) == ["b", "c", "list", "low", "dflt", "outer", "x", "v"])
        #expect(template.referencedNames["x"] == SourceLocation(file: "a.j2", line: 2, column: 62))
        #expect(
            Set(try Expression("a.b is defined and c", at: place.start, environment: TemplateEnvironment()).referencedNames.keys)
                == ["a", "c"])
    }

    @Test func theProgramAddsFiltersFunctionsAndLookups() throws {
        var environment = TemplateEnvironment()
        environment.addFilter("shout") { call in .string((call.arguments[0].string ?? "") + (call.options["with"]?.string ?? "!")) }
        environment.addTest("short") { call in (call.arguments[0].string ?? "").count < 4 }
        environment.addFunction("answer") { _ in 42 }
        environment.addLookup("file") { call in call.arguments.map { .string("<\($0.string ?? "")>") } }
        environment.addLookup("password") { _ in [.secret(Secret("pw"))] }
        environment.globals["version"] = "1.2"
        environment.decodeYAML = { text in [.string("yaml:" + text)] }
        func value(_ text: String) throws -> Value {
            try TemplatedText(text, origin: place, environment: environment).evaluate(VariableScope())
        }
        #expect(try value("{{ 'a' | shout }}{{ 'b' | shout(with='?') }}") == "a!b?")
        #expect(try value("{{ ['abc', 'abcd'] | select('short') | list }}") == ["abc"])
        #expect(try value("{{ answer() }}") == 42)
        #expect(try value("{{ version }}") == "1.2")
        #expect(try value("{{ lookup('file', 'a', 'b') }}") == "<a>,<b>")
        #expect(try value("{{ query('ansible.builtin.file', 'a') }}") == ["<a>"])
        #expect(try value("x{{ lookup('password') }}") == .secret(Secret("xpw")))
        #expect(try value("{{ 'q' | from_yaml }}") == "yaml:q")
    }

    @Test func scopesAreAskedOnceAndOnlyForWhatIsUsed() throws {
        final class Recording: TemplateScope {
            var asked: [String] = []
            var names: [String] { ["a", "b"] }
            func value(of name: String) -> Value? {
                asked.append(name)
                return name == "a" ? 1 : nil
            }
        }
        let scope = Recording()
        let template = try Template(
            source: "{{ a }}{{ a }}{% if false %}{{ b }}{% endif %}", file: "a.j2", environment: TemplateEnvironment())
        #expect(try template.render(scope) == "11")
        #expect(scope.asked == ["a"])
    }

    @Test func largeMappingsAreReadLazily() throws {
        struct Hosts: LazyMap {
            let keys = ["h1", "h2"]
            func member(_ key: String) -> LazyMember? { keys.contains(key) ? .map(Facts(host: key)) : nil }
        }
        struct Facts: LazyMap {
            let host: String
            let keys = ["ip"]
            func member(_ key: String) -> LazyMember? { key == "ip" ? .value(.string("ip-" + host)) : nil }
        }
        struct Scope: TemplateScope {
            let names = ["hostvars"]
            func value(of name: String) -> Value? { nil }
            func lazyMember(of name: String) -> LazyMember? { name == "hostvars" ? .map(Hosts()) : nil }
        }
        func value(_ text: String) throws -> Value {
            try TemplatedText(text, origin: place, environment: TemplateEnvironment()).evaluate(Scope())
        }
        #expect(try value("{{ hostvars['h2'].ip }}") == "ip-h2")
        #expect(try value("{{ hostvars.h1['ip'] }} {{ 'h3' in hostvars }} {{ hostvars | length }}") == "ip-h1 False 2")
        #expect(try value("{{ ['h1', 'h2'] | map('extract', hostvars, 'ip') | join(',') }}") == "ip-h1,ip-h2")
        #expect(try value("{{ hostvars }}") == ["h1": ["ip": "ip-h1"], "h2": ["ip": "ip-h2"]])
        #expect(throws: Diagnostic.self) { try value("{{ hostvars.h9.ip }}") }
    }

    @Test func oneTemplateRendersManyAtOnce() async throws {
        let template = try Template(
            source: "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(x) }}", file: "a.j2", environment: TemplateEnvironment())
        try await withThrowingTaskGroup(of: (Int, Value).self) { group in
            for number in 0..<50 { group.addTask { (number, try template.render(VariableScope(["x": .int(number)]))) } }
            for try await (number, value) in group { #expect(value == .string(String(number))) }
        }
    }
}
