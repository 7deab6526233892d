import OpsCore
import OpsTemplate
import Testing

@testable import OpsProject

/// Variables that nothing sets are found before anything connects; what can't be sure is left alone.
@Suite struct VariableCheckTests {
    private func findings(_ contents: [String: String], hosts: [String] = ["web1", "web2"]) throws -> [Diagnostic] {
        var contents = contents
        contents["hosts"] = contents["hosts"] ?? "[web]\nweb1 port=80\nweb2\n"
        let fixture = try ProjectFixture(contents)
        var diagnostics = DiagnosticCollector()
        var modules = ModuleCatalogue.sample.names.reduce(into: [String: ModuleCatalogue.Module]()) { $0[$1] = ModuleCatalogue.sample[$1] }
        for name in ["template", "include_vars", "assert"] {
            modules[name] = ModuleCatalogue.Module(arguments: nil, takesCommandLine: true)
        }
        let loader = PlaybookLoader(files: fixture.files, catalogue: ModuleCatalogue(modules))
        let playbook = loader.load("site.yml", into: &diagnostics)
        let inventory = InventoryLoader(files: fixture.files).load(["hosts"], into: &diagnostics)
        let variables = InventoryVariables(inventory, playbookDirectory: nil, files: fixture.files, into: &diagnostics)
        try diagnostics.throwIfErrors()
        var found = DiagnosticCollector()
        let check = VariableCheck(
            playbook, inventory: variables, run: RunVariables(), templar: Templar(files: fixture.files), loader: loader)
        for play in playbook.plays { check.check(play, hosts: hosts, into: &found) }
        return found.diagnostics
    }

    private func steps(_ steps: String, _ more: [String: String] = [:]) throws -> [Diagnostic] {
        try findings(
            ["site.yml": "- hosts: web\n  tasks:\n" + steps.split(separator: "\n").map { "    \($0)\n" }.joined()]
                .merging(more) { $1 })
    }

    @Test func namesThePlaceTheHostsAndTheNearestName() throws {
        let found = try steps("- debug: {msg: 'on {{ prot }}'}\n", ["group_vars/all.yml": "port: 1\n"])
        #expect(found.map(\.message) == ["'prot' is not defined"])
        #expect(found.first?.location == SourceLocation(file: "site.yml", line: 3, column: 27))
        #expect(found.first?.hints == ["did you mean 'port'?"])
        let one = try steps("- debug: {msg: '{{ port }}'}\n")
        #expect(one.map(\.message) == ["'port' is not defined for web2"])
    }

    @Test func publicRolesShowTheirVariables() throws {
        let role = ["roles/r/defaults/main.yml": "x: 1\n", "roles/r/tasks/main.yml": "- debug: {msg: '{{ x }}'}\n"]
        let step = "- debug: {msg: '{{ x }}'}\n"
        #expect(try steps("- include_role: {name: r, public: true}\n" + step, role).isEmpty)
        #expect(try steps(step + "- import_role: {name: r}\n", role).isEmpty)
        #expect(try steps("- include_role: {name: r}\n" + step, role).map(\.message) == ["'x' is not defined"])
    }

    @Test func followsVariablesAndTemplates() throws {
        let found = try steps("- debug: {msg: '{{ url }}'}\n", ["group_vars/all.yml": "url: 'http://{{ nowhere }}/'\n"])
        #expect(found.first?.location == SourceLocation(file: "group_vars/all.yml", line: 1, column: 17))
        #expect(found.first?.trail.map(\.message) == ["'url' is used here"])
        let file = try steps(
            "- template: {src: a.j2, dest: /x}\n", ["templates/a.j2": "{% for x in hosts %}{{ x }}{% endfor %}\n{{ nowhere }}\n"])
        #expect(file.map(\.message).sorted() == ["'hosts' is not defined", "'nowhere' is not defined"])
        #expect(file.map(\.location?.file) == ["templates/a.j2", "templates/a.j2"])
    }

    @Test(arguments: [
        "- {debug: {msg: '{{ x }}'}, when: x is defined}", "- {debug: {msg: '{{ x }}'}, when: flag}",
        "- {debug: {msg: '{{ x }}'}, ignore_errors: true}", "- debug: {msg: '{{ x | default(1) }}'}",
        "- debug: {msg: '{{ 1 if flag else x }}'}", "- debug: {msg: '{{ flag or x }}'}",
        "- debug: {msg: '{% if flag %}{{ x }}{% endif %}'}", "- debug: {msg: '{% for i in [] %}{{ x }}{% endfor %}'}",
        "- {debug: {msg: '{{ x }}'}, loop: '{{ flag }}'}", "- debug: {msg: '{{ [x] | length }}'}",
        "- debug: {msg: '{{ ansible_hostname }}'}", "- debug: {msg: '{% set x = 1 %}{{ x }}'}",
        "- {command: 'true', register: x}\n- debug: {msg: '{{ x }}'}", "- set_fact: {x: 1}\n- debug: {msg: '{{ x }}'}",
        "- {debug: {msg: '{{ x }}'}, vars: {x: 1}}", "- {debug: {msg: '{{ x }}'}, tags: never}",
        "- block:\n    - debug: {msg: '{{ x }}'}\n  rescue:\n    - debug:", "- include_vars: '{{ flag }}.yml'\n- debug: {msg: '{{ x }}'}",
        "- include_vars: more.yml\n- debug: {msg: '{{ x }}'}",
        "- debug: {msg: '{{ lookup(\"env\", \"x\") }}{{ now() }}{{ groups }}{{ hostvars }}'}",
        "- debug: {msg: '{{ y.a }}'}", "- assert: {that: x is defined}", "- meta: end_play\n- debug: {msg: '{{ x }}'}",
        "- debug: {msg: '{{ [1] | map(\"upper\") | list }}{{ range(3) }}'}", "- debug: {var: x}",
    ])
    func saysNothingWhereItIsNotSure(_ text: String) throws {
        let found = try steps(
            text,
            ["group_vars/all.yml": "flag: true\ny: {a: 1, b: '{{ x }}'}\n", "more.yml": "x: 1\n", "vars/more.yml": "x: 1\n"])
        #expect(found.map(\.message) == [])
    }

    @Test func conditionsThemselvesAreReadToTheFirstOperator() throws {
        #expect(try steps("- {debug: , when: nowhere == 1}").map(\.message) == ["'nowhere' is not defined"])
        #expect(try steps("- {debug: , when: [flag, nowhere]}", ["group_vars/all.yml": "flag: true\n"]).isEmpty)
        #expect(try steps("- {debug: , loop: '{{ nowhere }}'}").map(\.message) == ["'nowhere' is not defined"])
    }

    @Test func readsWhatIsIncludedByName() throws {
        let found = try steps(
            "- include_tasks: more.yml\n  vars: {x: 1}",
            ["more.yml": "- debug: {msg: '{{ x }}{{ y }}'}\n- include_tasks: more.yml\n"])
        #expect(found.map(\.message) == ["'y' is not defined"])
        #expect(found.first?.location?.file == "more.yml")
    }

    @Test func whatOnePlaySetsIsThereInTheNext() throws {
        let found = try findings([
            "site.yml":
                "- hosts: web\n  tasks:\n    - {command: x, register: out}\n- hosts: web\n  tasks:\n    - debug: {msg: '{{ out }}{{ gone }}'}\n"
        ])
        #expect(found.map(\.message) == ["'gone' is not defined"])
    }

    @Test func seesRolesAndPromptsAndFilesOfThePlay() throws {
        let found = try findings([
            "site.yml": "- hosts: web\n  vars_files: [more.yml]\n  vars_prompt: [{name: asked}]\n  roles: [{role: r, given: 1}]\n",
            "more.yml": "a: 1\n", "roles/r/defaults/main.yml": "b: '{{ a }}'\n",
            "roles/r/tasks/main.yml": "- debug: {msg: '{{ a }}{{ b }}{{ given }}{{ asked }}{{ role_name }}{{ missing }}'}\n",
        ])
        #expect(found.map(\.message) == ["'missing' is not defined"])
    }
}
