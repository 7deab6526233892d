import OpsCore
import Testing

@testable import OpsTemplate

/// What is made from a secret is secret.
@Suite struct SecretTests {
    private let scope = VariableScope([
        "pw": .secret(Secret("hunter2")), "user": "bob", "smtp": ["password": .secret(Secret("s3cret")), "port": 25],
        "list": [.secret(Secret("a")), "b"], "pin": .secret(Secret("73519")), "ratio": .secret(Secret("2.5")),
    ])

    private func value(_ source: String) throws -> Value {
        try Template(source: source, file: "a.j2", environment: TemplateEnvironment()).evaluate(scope)
    }

    @Test(arguments: [
        ("x {{ pw }}", "x hunter2"), ("{{ pw }}", "hunter2"), ("{{ pw | upper }}", "HUNTER2"), ("{{ pw ~ 1 }}", "hunter21"),
        ("{{ 'a' + pw }}", "ahunter2"), ("{{ pw * 2 }}", "hunter2hunter2"), ("{{ '%s' % pw }}", "hunter2"),
        ("{{ '{}!'.format(pw) }}", "hunter2!"), ("{{ pw[0] }}", "h"), ("{{ pw[1:] }}", "unter2"), ("{{ pw | b64encode }}", "aHVudGVyMg=="),
        ("{{ smtp | to_json }}", #"{"password": "s3cret", "port": 25}"#), ("{{ smtp }} .", "{'password': 's3cret', 'port': 25} ."),
        ("{{ list | join('-') }}", "a-b"), ("{{ list | map('upper') | join }}", "AB"), ("{{ pw | replace('h', 'H') }}", "Hunter2"),
        ("{% set x %}<{{ pw }}>{% endset %}{{ x }}", "<hunter2>"), ("{% macro m(a) %}{{ a }}!{% endmacro %}{{ m(pw) }}", "hunter2!"),
        ("{% filter upper %}{{ pw }}{% endfilter %}", "HUNTER2"), ("{{ nope | default(pw) }}", "hunter2"),
        ("{{ pw | ternary(pw, 'no') }}", "hunter2"), ("{{ pw | regex_replace('u', 'U') }}", "hUnter2"),
        ("{{ user | replace('bob', pw) }}", "hunter2"), ("{{ smtp | to_nice_yaml }}", "password: s3cret\nport: 25\n"),
        ("{{ pin | int }}", "73519"), ("{{ pin | int + 1 }}", "73520"), ("{{ -(pin | int) }}", "-73519"), ("{{ 2 * (ratio | float) }}", "5.0"),
        ("{{ ratio | float | round }}", "2.0"), ("{{ pin | int // 2 ~ 'x' }}", "36759x"), ("{{ '%06d' % (pin | int) }}", "073519"),
        ("{{ '{:,}'.format(pin | int) }}", "73,519"), ("{{ [pin | int] | sum }}", "73519"), ("{{ [pin | int, 5] | max }}", "73519"),
        ("{{ ('{\"a\": 73519}' if pw else pw) | replace('x', pw) | from_json | to_json }}", #"{"a": 73519}"#),
        ("{{ [pin | int] | to_yaml }}", "[73519]\n"), ("{{ [1, pin | int] }}.", "[1, 73519]."), ("{{ pw | quote }}", "hunter2"), ("{% for c in pw %}{{ c }}{% endfor %}", "hunter2"), ("{{ [pw] | first }}", "hunter2"),
    ])
    func stays(_ source: String, _ expected: String) throws {
        guard case .secret(let secret) = try value(source) else {
            Issue.record("'\(source)' is not secret")
            return
        }
        #expect(secret.reveal { $0 } == expected)
    }

    @Test(arguments: [
        "{{ user }}", "{{ pw | length }}", "{{ pw is defined }}", "{{ pw == 'hunter2' }}", "{{ smtp.port }}", "{{ 'y' if pw else 'n' }}",
        "{{ pin | int > 5 }}", "{{ pin | int == 73519 }}", "{{ 'y' if pin | int else 'n' }}", "{{ pin | int is number }}",
        "{{ (pin | int) in [73519] }}", "{{ {73519: 'a'}[pin | int] }}", "{{ [pin | int] | length }}", "{{ 'abc'[0:pin | int] | length }}",
        "{{ list[1] }}", "{% if pw %}y{% endif %}", "{{ smtp.keys() | list | join }}",
    ])
    func whatShowsNothingOfItDoesNot(_ source: String) throws { #expect(try !value(source).containsSecret) }

    @Test func listsOfSecretsStaySecretInside() throws {
        #expect(try value("{{ pw | list }}").list?.allSatisfy(\.containsSecret) == true)
        #expect(try value("{{ {'a': pw} }}")["a"] == .secret(Secret("hunter2")))
        #expect(try value("{{ pw.split('t') }}").list?.count == 2)
    }

    @Test func numbersOfSecretsAreNumbers() throws {
        #expect(try value("{{ pin | int > 5 }}") == true)
        #expect(try value("{{ pin | int == 73519 }}") == true)
        #expect(try value("{{ pin | int is integer and ratio | float is float }}") == true)
        #expect(try value("{{ {73519: 'a'}[pin | int] }}").containsSecret == false)
        #expect(try value("{{ ['b', 'c'][ratio | int - 2] }}") == "b")
        #expect(try value("{{ [3, pin | int, 1] | sort | first }}") == 1)
    }

    @Test func errorsShowNothingOfIt() throws {
        for source in [
            "{{ pw + 1 }}", "{{ pw | from_json }}", "{{ pw.nope }}", "{{ pw | hash('x') }}", "{{ [] + pw }}",
            "{{ pw | int + [] }}",
        ] {
            let error = #expect(throws: Diagnostic.self) { try value(source) }
            #expect(!"\(String(describing: error))".contains("hunter2"), "\(source)")
        }
    }

    /// Whoever masks output learns what filters made of a secret, piece by piece and not with the text around it.
    @Test(arguments: [
        ("user {{ pw | upper }} at {{ user }}", ["HUNTER2"]), ("{{ pw[1:5] }}", ["unte"]),
        ("{{ pw | hash('md5') }} {{ pw }}", ["2ab96390c7dbe3439de74d0c9b0b1767", "hunter2"]),
        ("{% set x %}<{{ pw }}>{% endset %}{{ x | lower }}", ["hunter2", "<hunter2>"]), ("{{ {'a': pw | upper} }} .", ["HUNTER2"]),
        ("{{ user }} {{ pw | length }}", []),
    ])
    func derivedTextsAreTold(_ source: String, _ expected: [String]) throws {
        let told = Told()
        var environment = TemplateEnvironment()
        environment.noteSecret = { told.add($0) }
        _ = try Template(source: source, file: "a.j2", environment: environment).render(scope)
        #expect(told.texts == expected)
        told.texts = []
        _ = try Template(source: source, file: "a.j2", environment: environment).evaluate(scope)
        #expect(told.texts == expected)
    }

    @Test func expressionsTellTheirSecretsToo() throws {
        let told = Told()
        var environment = TemplateEnvironment()
        environment.noteSecret = { told.add($0) }
        _ = try Expression("[pw | upper, user]", at: SourceLocation(file: "a"), environment: environment).evaluate(scope)
        #expect(told.texts == ["HUNTER2"])
    }

    private final class Told: @unchecked Sendable {
        var texts: [String] = []
        func add(_ value: Value) {
            switch value {
            case .secret(let secret): texts.append(secret.reveal { $0 })
            case .list(let items): items.forEach(add)
            case .map(let map): map.values.forEach(add)
            default: break
            }
        }
    }
}
