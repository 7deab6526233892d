import OpsCore
import OpsSecrets
import OpsTemplate
import Testing

@testable import OpsProject

@Suite struct VariableTests {
    /// One host in a project, in the first play of `site.yml`.
    private struct World {
        var fixture: ProjectFixture
        var host: HostVariables
        var play: Play
        var templar: Templar

        func scope(_ step: Int? = nil, _ locals: [String: Value] = [:]) -> StepScope {
            let steps = (play.roles.flatMap(\.steps) + play.steps).flattened
            return host.scope(for: step.map { steps[$0] }, locals: locals, templar: templar)
        }

        func value(_ text: String, _ step: Int? = nil) throws -> Value {
            try templar.render(Located(.string(text), at: SourceLocation(file: "test")), scope(step))
        }

        func condition(_ text: String) throws -> Bool {
            try templar.condition(Located(.string(text), at: SourceLocation(file: "test")), scope())
        }
    }

    private func world(
        _ contents: [String: String], host: String = "web1", extra: [String] = [],
        playbook path: String = "site.yml", keyring: SecretKeyring = SecretKeyring()
    ) throws -> World {
        var contents = contents
        contents[path] = contents[path] ?? "- hosts: all\n"
        contents["hosts"] = contents["hosts"] ?? "[web]\nweb1\n"
        let fixture = try ProjectFixture(contents, keyring: keyring)
        var diagnostics = DiagnosticCollector()
        let playbook = PlaybookLoader(files: fixture.files, catalogue: .sample).load(path, into: &diagnostics)
        let inventory = InventoryLoader(files: fixture.files).load(["hosts"], into: &diagnostics)
        let variables = InventoryVariables(inventory, playbookDirectory: "pb", files: fixture.files, into: &diagnostics)
        var run = RunVariables()
        for argument in extra { run.add(extra: argument, files: fixture.files, into: &diagnostics) }
        let templar = Templar(files: fixture.files)
        var state = HostVariables(host: host, inventory: variables, run: run)
        let play = try #require(playbook.plays.first)
        try state.enter(
            PlayVariables(play, files: fixture.files, into: &diagnostics), templar: templar, files: fixture.files)
        try diagnostics.throwIfErrors()
        return World(fixture: fixture, host: state, play: play, templar: templar)
    }

    /// Every level sets a variable of its own and all those of the levels below.
    @Test func precedence() throws {
        let levels = [
            "role_defaults", "inv_group", "inv_all_file", "pb_all_file", "inv_group_file", "pb_group_file", "inv_host",
            "inv_host_file", "pb_host_file", "facts", "play", "vars_files", "role_vars", "block", "task",
            "include_vars",
            "registered", "role_params", "include_params", "extra",
        ]
        func set(_ level: String) -> String {
            let index = levels.firstIndex(of: level) ?? 0
            return levels[index...].map { "x_\($0): \(level)\n" }.joined()
        }
        func indented(_ text: String, _ spaces: Int) -> String {
            text.split(separator: "\n").map { String(repeating: " ", count: spaces) + $0 }.joined(separator: "\n")
        }
        func inline(_ text: String) -> String {
            text.replacing(": ", with: "=").split(separator: "\n").joined(separator: " ")
        }
        var world = try world(
            [
                "hosts":
                    "[web]\nweb1 \(inline(set("inv_host")))\n[web:vars]\n\(set("inv_group").replacing(": ", with: "="))",
                "group_vars/all.yml": set("inv_all_file"), "pb/group_vars/all.yml": set("pb_all_file"),
                "group_vars/web.yml": set("inv_group_file"), "pb/group_vars/web.yml": set("pb_group_file"),
                "host_vars/web1.yml": set("inv_host_file"), "pb/host_vars/web1.yml": set("pb_host_file"),
                "pb/roles/r/defaults/main.yml": set("role_defaults"), "pb/roles/r/vars/main.yml": set("role_vars"),
                "pb/roles/r/tasks/main.yml":
                    "- block:\n  - debug:\n    vars:\n\(indented(set("task"), 6))\n  vars:\n\(indented(set("block"), 4))\n",
                "pb/files.yml": set("vars_files"),
                "pb/site.yml":
                    "- hosts: all\n  vars_files: [files.yml]\n  vars:\n\(indented(set("play"), 4))\n  roles:\n    - role: r\n      vars:\n\(indented(set("role_params"), 8))\n",
            ], extra: [inline(set("extra"))], playbook: "pb/site.yml")
        for level in levels[levels.firstIndex(of: "facts")!...] where level == "facts" {
            for name in levels[levels.firstIndex(of: level)!...] {
                world.host.set("x_\(name)", .string(level), level: .facts)
            }
        }
        for name in levels[levels.firstIndex(of: "registered")!...] { world.host.set("x_\(name)", "registered") }
        let includeVars = levels[levels.firstIndex(of: "include_vars")!...].map {
            LocatedVariable(name: "x_\($0)", value: Located("include_vars", at: SourceLocation(file: "f")))
        }
        world.host.include(includeVars)
        var step = try #require(world.play.roles[0].steps.flattened.first)
        step.keywords.includeParameters = levels[levels.firstIndex(of: "include_params")!...].map {
            LocatedVariable(name: "x_\($0)", value: Located("include_params", at: SourceLocation(file: "f")))
        }
        let scope = world.host.scope(for: step, templar: world.templar)
        for level in levels {
            #expect(try scope.value(of: "x_\(level)") == .string(level))
        }
    }

    @Test func rendersLazilyAndKeepsTypes() throws {
        let world = try world([
            "group_vars/all.yml": """
            port: 8080
            url: "http://{{ inventory_hostname }}:{{ port }}/"
            copy: "{{ port }}"
            broken: "{{ nowhere }}"
            nested: {list: ["{{ port }}", "{{ omit }}", x], gone: "{{ omit }}"}
            raw: !unsafe "{{ port }}"
            again: "{{ raw }}"
            """
        ])
        #expect(try world.value("{{ url }}") == "http://web1:8080/")
        #expect(try world.value("{{ copy }}") == 8080)
        #expect(try world.value("p{{ copy }}") == "p8080")
        #expect(try world.value("{{ nested }}") == ["list": [8080, "x"]])
        #expect(try world.value("{{ raw }}") == "{{ port }}")
        #expect(try world.value("{{ again }}") == "{{ port }}")
        #expect(try world.value("{{ omit }}") == Omit.value)
        #expect(throws: Diagnostic.self) { try world.value("a {{ omit }}") }
    }

    @Test func errorsSayWhereTheVariableIs() throws {
        let world = try world(["group_vars/all.yml": "port: 1\nbroken: 'x {{ prot }}'\n"])
        let error = #expect(throws: Diagnostic.self) { try world.value("{{ broken }}") }
        #expect(error?.location == SourceLocation(file: "group_vars/all.yml", line: 2, column: 15))
        #expect(error?.hints.contains { $0.contains("port") } == true)
    }

    @Test func namesCycles() throws {
        let world = try world([
            "group_vars/all.yml": "a: '{{ b }}'\nb: '{{ c }}'\nc: '{{ a }}'\nd: \"{{ hostvars['web1'].d }}\"\n"
        ])
        let error = #expect(throws: Diagnostic.self) { try world.value("{{ a }}") }
        #expect(error?.code == "variable-cycle")
        #expect(error?.message == "variables use each other: a -> b -> c -> a")
        #expect(throws: Diagnostic.self) { try world.value("{{ d }}") }
    }

    @Test func magicVariables() throws {
        let world = try world(
            [
                "hosts":
                    "[web]\nweb1.example.com x=1\nweb2.example.com y='{{ x | default(5) }}'\n[db]\ndb1\n[prod:children]\nweb\n"
            ],
            host: "web1.example.com")
        #expect(try world.value("{{ inventory_hostname_short }}") == "web1")
        #expect(try world.value("{{ group_names }}") == ["prod", "web"])
        #expect(try world.value("{{ groups.prod }}") == ["web1.example.com", "web2.example.com"])
        #expect(try world.value("{{ groups | list }}") == ["all", "ungrouped", "web", "db", "prod"])
        #expect(try world.value("{{ ansible_check_mode }}") == false)
        #expect(try world.value("{{ playbook_dir }}") == .string(world.fixture.root))
        #expect(try world.value("{{ inventory_dir }}") == .string(world.fixture.root))
        #expect(try world.value("{{ hostvars[inventory_hostname].x + 1 }}") == 2)
        #expect(try world.value("{{ vars.x }}") == 1)
    }

    @Test func localhostNeedsNoInventory() throws {
        let world = try world(["group_vars/all.yml": "x: 1\n"], host: "localhost")
        var warnings: [Diagnostic] = []
        #expect(try world.host.inventory.inventory.hosts(matching: "localhost", warnings: &warnings) == ["localhost"])
        #expect(try world.host.inventory.inventory.hosts(matching: "all", warnings: &warnings) == ["web1"])
        #expect(try world.value("{{ ansible_connection }} {{ x }}") == "local 1")
    }

    @Test func hostvarsOfOthers() throws {
        let world = try world(["hosts": "web1 x=1\nweb2 x=2 y='{{ x }}/{{ inventory_hostname }}'\n"])
        let other = HostVariables(host: "web2", inventory: world.host.inventory, run: RunVariables())
        let own = world.host
        let scope = world.host.scope(for: nil, templar: world.templar) { $0 == "web2" ? other : own }
        let template = Located("{{ hostvars['web2'].y }} {{ hostvars.web1.x }}", at: SourceLocation(file: "t"))
        #expect(try world.templar.render(template, scope) == "2/web2 1")
    }

    @Test func conditionsAreStrict() throws {
        let world = try world(["group_vars/all.yml": "yes_: true\ntext: 'false'\nnumber: 1\nlist: []\n"])
        #expect(try world.condition("yes_"))
        #expect(try world.condition("number == 1 and not list"))
        #expect(try world.condition("{{ yes_ }}"))
        for text in ["text", "number", "list", "{{ text }}"] {
            let error = #expect(throws: Diagnostic.self) { try world.condition(text) }
            #expect(error?.code == "condition-type")
        }
    }

    @Test func lookups() throws {
        let world = try world([
            "files/a.txt": "hello\n\n", "files/b.txt": "b", "templates/t.j2": "x {{ port }}\n",
            "group_vars/all.yml": "port: 80\nname: port\n",
        ])
        #expect(try world.value("{{ lookup('file', 'a.txt') }}") == "hello")
        #expect(try world.value("{{ lookup('template', 't.j2') }}") == "x 80\n")
        #expect(try world.value("{{ lookup('vars', name) }}") == 80)
        #expect(try world.value("{{ query('fileglob', '*.txt') | map('basename') | list }}") == ["a.txt", "b.txt"])
        #expect(try world.value("{{ lookup('first_found', ['none', 'b.txt']) | basename }}") == "b.txt")
        #expect(try world.value("{{ lookup('pipe', 'echo hi') }}") == "hi")
        #expect(try world.value("{{ lookup('env', 'OPSCTL_SURELY_NOT_SET') }}") == "")
        #expect(try world.value("{{ query('dict', {'a': 1}) }}") == [["key": "a", "value": 1]])
        let error = #expect(throws: Diagnostic.self) { try world.value("{{ lookup('file', 'a.txtt') }}") }
        #expect(error?.hints == ["did you mean 'a.txt'?"])
    }

    @Test func vaultValuesAreSecret() throws {
        let password = VaultPassword(Secret("hunter2"))
        let vault = AnsibleVault(passwords: [password])
        let inline = try vault.encrypt(Array("s3cret".utf8), with: password)
        let file = try vault.encrypt(Array("user: bob\ndsn: '{{ user }}:{{ pw }}'\n".utf8), with: password)
        let indented = inline.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n")
        let world = try world(
            ["group_vars/all/a.yml": "pw: !vault |\n\(indented)\n", "group_vars/all/b.yml": file],
            keyring: SecretKeyring(passwords: [password]))
        #expect(try world.value("{{ pw }}") == .secret(Secret("s3cret")))
        #expect(try world.value("{{ dsn }}") == .secret(Secret("bob:s3cret")))
        #expect(world.host.explain("user").candidates.map(\.value) == [.secret(Secret("bob"))])
    }

    @Test func encryptedInventoriesAreSecret() throws {
        let password = VaultPassword(Secret("hunter2"))
        let vault = AnsibleVault(passwords: [password])
        let text = "[web]\nweb1 pw=s3cret l=\"['a', 1]\"\n[web:vars]\nuser=bob\n"
        let world = try world(
            ["hosts": try vault.encrypt(Array(text.utf8), with: password)], keyring: SecretKeyring(passwords: [password]))
        #expect(try world.value("{{ pw }}") == .secret(Secret("s3cret")))
        #expect(try world.value("{{ user }}") == .secret(Secret("bob")))
        var warnings: [Diagnostic] = []
        let dump = try InventoryDump(world.host.inventory, warnings: &warnings)
        #expect(dump.list["_meta"]?["hostvars"]?["web1"] == ["user": "•••", "pw": "•••", "l": ["•••", 1]])
        #expect(try dump.yamlList().contains("- •••"))
        #expect(dump.graph(showingVariables: true)?.contains("{l = ['•••', 1]}") == true)
    }

    @Test func graphsShowVariablesToPeople() throws {
        let fixture = try ProjectFixture([
            "hosts.yml": """
            all:
              hosts:
                h:
                  a: !unsafe "{{ x }}"
                  b: [1, !unsafe "{{ x }}"]
                  c: 2001-12-14t21:59:43.10-05:00
                  d: !vault |
                    $ANSIBLE_VAULT;1.1;AES256
                    3330
            """
        ])
        var diagnostics = DiagnosticCollector()
        let inventory = InventoryLoader(files: fixture.files).load(["hosts.yml"], into: &diagnostics)
        let variables = InventoryVariables(inventory, playbookDirectory: nil, files: fixture.files, into: &diagnostics)
        var warnings: [Diagnostic] = []
        let dump = try InventoryDump(variables, warnings: &warnings)
        #expect(
            dump.graph(showingVariables: true)?.split(separator: "\n").suffix(4) == [
                "  |  |  |--{a = {{ x }}}", "  |  |  |--{b = [1, '{{ x }}']}",
                "  |  |  |--{c = 2001-12-14 21:59:43.100000-05:00}", "  |  |  |--{d = •••}",
            ])
    }

    @Test func explains() throws {
        let world = try world(
            [
                "hosts": "[web]\nweb1 x=1\n", "group_vars/web.yml": "a: 1\nx: 2\n",
                "site.yml": "- hosts: all\n  vars: {x: 3}\n",
            ],
            extra: ["x=4"])
        let explanation = world.host.explain("x")
        #expect(explanation.candidates.map(\.level) == [.inventoryGroupVars, .inventoryHost, .play, .extra])
        #expect(
            explanation.candidates.map(\.location.description) == [
                "group_vars/web.yml:2:4", "hosts:2:6", "site.yml:2:13", "-e:1:1",
            ])
        #expect(explanation.candidates.map(\.isWinner) == [false, false, false, true])
        #expect(world.host.explain("inventory_hostnam").hints == ["did you mean 'inventory_hostname'?"])
    }

    @Test func namesInFilesNeedNotBeTexts() throws {
        let world = try world(["group_vars/all.yml": "1: a\nno: b\n1.5: c\n~: d\n"])
        #expect(try world.value("{{ [vars['1'], vars['false'], vars['1.5'], vars['null']] }}") == ["a", "b", "c", "d"])
    }

    /// What one source sets twice, or several files of one level set.
    @Test func explainsWhatIsOverwritten() throws {
        let world = try world(
            [
                "hosts": "[web]\nweb1 x=1\nweb1 x=2\n[all:vars]\nx=3\nx=4\n", "group_vars/all/a.yml": "x: 5\n",
                "group_vars/all/b.yml": "x: 6\n",
            ], extra: ["x=7", "x=8"])
        let candidates = world.host.explain("x").candidates
        #expect(
            candidates.map(\.location.description) == [
                "hosts:5:1", "hosts:6:1", "group_vars/all/a.yml:1:4", "group_vars/all/b.yml:1:4", "hosts:2:6", "hosts:3:6",
                "-e:1:1", "-e:1:1",
            ])
        #expect(candidates.map(\.value) == [3, 4, 5, 6, 1, 2, "7", "8"])
        #expect(candidates.filter(\.isWinner).map(\.value) == ["8"])
    }

    /// All levels of Ansible's documentation, each with its place, in its order.
    @Test func explainsEveryLevelOfAPlay() throws {
        let world = try world(
            [
                "hosts": "[web]\nweb1 x=1\n[web:vars]\nx=1\n",
                "group_vars/all.yml": "x: 1\n", "group_vars/web.yml": "x: 1\n", "host_vars/web1.yml": "x: 1\n",
                "pb/group_vars/all.yml": "x: 1\n", "pb/group_vars/web.yml": "x: 1\n", "pb/host_vars/web1.yml": "x: 1\n",
                "pb/files.yml": "x: 1\n", "pb/included.yml": "x: 1\n",
                "pb/roles/r/defaults/main.yml": "x: 1\n", "pb/roles/r/vars/main.yml": "x: 1\n",
                "pb/roles/r/tasks/main.yml": "- set_fact: {x: 1}\n- include_tasks: inner.yml\n  vars: {x: 1}\n",
                "pb/roles/r/tasks/inner.yml": "- block:\n  - debug:\n    vars: {x: 1}\n  vars: {x: 1}\n",
                "pb/site.yml": """
                - hosts: all
                  vars: {x: 1}
                  vars_prompt: [{name: x, default: 1}]
                  vars_files: [files.yml]
                  roles: [{role: r, x: 1}]
                  tasks: [{command: date, register: x}]
                """,
            ], extra: ["x=1"], playbook: "pb/site.yml")
        var host = world.host
        host.set("x", 1, level: .facts)
        let explanation = host.explain("x", in: world.play, loader: PlaybookLoader(files: world.fixture.files, catalogue: .sample))
        let levels = explanation.candidates.map(\.level)
        #expect(levels == levels.sorted())
        let unexplained = Set(VariableLevel.allCases).subtracting(levels)
        #expect(unexplained == [.secrets, .includeVars, .magic, .local])
        #expect(explanation.candidates.allSatisfy { $0.location.line >= 1 && !$0.location.file.isEmpty })
        #expect(explanation.candidates.filter(\.isWinner).map(\.level) == [.extra])
        #expect(explanation.candidates.filter { $0.level == .block }.map(\.location.file) == ["pb/roles/r/tasks/inner.yml"])
    }

    @Test func dynamicVarsFiles() throws {
        let world = try world([
            "hosts": "web1 kind=blue\n",
            "site.yml": "- hosts: all\n  vars_files: ['{{ kind }}.yml', [none.yml, b.yml]]\n",
            "blue.yml": "color: blue\n", "b.yml": "b: 1\n",
        ])
        #expect(try world.value("{{ color }} {{ b }}") == "blue 1")
    }
}
