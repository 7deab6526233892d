import OpsCore
import Testing

@testable import OpsProject

@Suite struct PlaybookLoaderTests {
    private func load(_ contents: [String: String]) throws -> (playbook: Playbook, diagnostics: [Diagnostic]) {
        let fixture = try ProjectFixture(contents)
        var diagnostics = DiagnosticCollector()
        let playbook = PlaybookLoader(files: fixture.files, catalogue: .sample).load("site.yml", into: &diagnostics)
        return (playbook, diagnostics.diagnostics)
    }

    private func steps(_ nodes: [StepNode]) -> [Step] { nodes.flattened }

    @Test func readsStepsInEveryForm() throws {
        let (playbook, diagnostics) = try load([
            "site.yml": """
            - hosts: [web, db]
              steps:
                - name: short
                  copy: src=a dest="b c" mode=0644
                - command: echo 'a b' chdir=/tmp x=y
                - ansible.builtin.shell: |
                    echo {{ a b }}
                    true
                  args:
                    chdir: /srv
                - action: debug msg=hi
                - local_action:
                    module: debug
                    msg: there
            """
        ])
        #expect(diagnostics == [])
        let found = steps(try #require(playbook.plays.first).steps)
        #expect(playbook.plays[0].hosts.value == "web,db")
        #expect(found.map(\.module) == ["copy", "command", "shell", "debug", "debug"])
        #expect(found.map(\.id) == [1, 2, 3, 4, 5])
        #expect(found[0].arguments["dest"]?.value == "b c")
        #expect(found[0].arguments["mode"]?.value == "0644")
        #expect(found[1].arguments.freeText?.value == "echo 'a b' x=y")
        #expect(found[1].arguments["chdir"]?.value == "/tmp")
        #expect(found[2].arguments.freeText?.value == "echo {{ a b }}\ntrue\n")
        #expect(found[2].arguments["chdir"]?.value == "/srv")
        #expect(found[3].arguments["msg"]?.value == "hi")
        #expect(found[4].keywords.delegateTo?.value == "localhost")
    }

    @Test func stepsInheritKeywords() throws {
        let (playbook, diagnostics) = try load([
            "site.yml": """
            - hosts: all
              become: true
              tags: play
              environment: {A: "1"}
              tasks:
                - block:
                    - debug: {msg: x}
                      when: [c, d]
                      tags: [step]
                      become: false
                      vars: {y: 2}
                  rescue:
                    - debug:
                  when: a
                  tags: block
                  vars: {x: 1}
            """
        ])
        #expect(diagnostics == [])
        let step = steps(playbook.plays[0].steps)[0]
        #expect(step.keywords.when.map(\.value) == ["a", "c", "d"])
        #expect(step.keywords.tags == ["play", "block", "step"])
        #expect(step.keywords.become?.value == false)
        #expect(step.keywords.vars.map(\.name) == ["x", "y"])
        #expect(step.keywords.environment.count == 1)
        #expect(steps(playbook.plays[0].steps)[1].keywords.become?.value == true)
    }

    @Test func importsAndRoles() throws {
        let (playbook, diagnostics) = try load([
            "site.yml": """
            - import_playbook: other/play.yml
              when: imported
            - hosts: all
              roles:
                - role: web
                  http_port: 8080
                  tags: w
              tasks:
                - import_tasks: more.yml
                  when: m
                - include_tasks: later.yml
                  vars: {v: 1}
                  args: {apply: {tags: [t]}}
                - include_tasks:
                    file: later.yml
                    apply: {become: true}
            """,
            "other/play.yml": "- hosts: db\n  tasks: [{import_tasks: t.yml}]\n",
            "other/t.yml": "- debug: {msg: other}\n",
            "more.yml": "- debug: {msg: more}\n",
            "roles/web/tasks/main.yml": "- import_tasks: sub.yml\n",
            "roles/web/tasks/sub.yml": "- debug: {msg: web}\n  notify: restart\n",
            "roles/web/handlers/main.yml": "- name: restart\n  service: {name: web, state: restarted}\n",
            "roles/web/defaults/main.yml": "http_port: 80\n",
            "roles/web/vars/main/a.yml": "x: 1\n",
            "roles/web/meta/main.yml": "dependencies: [base]\n",
            "roles/base/tasks/main.yml": "- debug: {msg: base}\n",
        ])
        #expect(diagnostics == [])
        #expect(playbook.plays.count == 2)
        #expect(steps(playbook.plays[0].steps)[0].keywords.when.map(\.value) == ["imported"])
        let play = playbook.plays[1]
        #expect(play.roles.map(\.name) == ["base", "web"])
        #expect(play.roles[1].defaults.map(\.name) == ["http_port"])
        #expect(play.roles[1].vars.map(\.name) == ["x"])
        #expect(play.roles[1].parameters.map(\.name) == ["http_port"])
        #expect(play.roles[1].handlers.map { $0.name?.value } == ["restart"])
        #expect(steps(play.roles[1].steps)[0].role?.name == "web")
        #expect(steps(play.roles[1].steps)[0].keywords.tags == ["w"])
        #expect(steps(play.roles[0].steps)[0].keywords.tags == ["w"])
        let own = steps(play.steps)
        #expect(own.map(\.module) == ["debug", "include_tasks", "include_tasks"])
        #expect(own[0].keywords.when.map(\.value) == ["m"])
        #expect(own[1].included?.includeParameters.map(\.name) == ["v"])
        #expect(own[1].included?.tags == ["t"])
        #expect(own[2].included?.become?.value == true)
    }

    @Test(arguments: [
        ("- hosts: all\n  task: []\n", "unknown-key", 2, 3, "did you mean 'tasks'?"),
        ("- hosts: all\n  tasks:\n    - copi: {}\n", "unknown-module", 3, 7, "did you mean 'copy'?"),
        ("- hosts: all\n  tasks:\n    - copy: {src: a, dst: b}\n", "unknown-argument", 3, 22, "did you mean 'dest'?"),
        ("- hosts: all\n  tasks:\n    - debug:\n      whenn: x\n", "unknown-key", 4, 7, "did you mean 'when'?"),
        ("- hosts: all\n  tasks:\n    - debug:\n      copy: {}\n", "several-modules", 4, 7, "make two steps of it"),
        ("- hosts: all\n  tasks:\n    - name: x\n", "no-module", 3, 7, "say what it does, as with 'command:'"),
        ("- tasks: []\n", "no-hosts", 1, 3, "say where it runs, as with 'hosts: all'"),
        ("hosts: all\n", "wrong-type", 1, 1, "begin the play with '- hosts:'"),
        ("- hosts: all\n  order: sortd\n", "unknown-value", 2, 10, "did you mean 'sorted'?"),
        ("- hosts: all\n  vars: {a-b: 1}\n", "variable-name", 2, 10, "write 'a_b'"),
        ("- import_playbook: site.yml\n", "import-cycle", 1, 20, nil),
        ("- hosts: all\n  roles: [wbe]\n", "unknown-role", 2, 11, "did you mean 'web'?"),
        ("- hosts: all\n  tasks: [{import_tasks: t.yaml}]\n", "file-not-found", 2, 26, "did you mean 't.yml'?"),
        ("- hosts: all\n  tasks: [{import_tasks: '{{ x }}.yml'}]\n", "templated-import", 2, 26, "use 'include_tasks'"),
        (
            "- hosts: all\n  tasks: [{debug: , with_sequense: count=4}]\n", "unsupported-loop", 2, 21,
            "did you mean 'with_sequence'?"
        ),
        (
            "- hosts: all\n  tasks: [{community.docker.copy: {}}]\n", "unknown-module", 2, 12,
            "opsctl has its own 'copy': write it without the collection"
        ),
        (
            "- hosts: all\n  tasks: [{command: ls, async: 5}]\n", "unsupported-keyword", 2, 32,
            "steps wait with a deadline: use 'timeout'"
        ),
        ("- hosts: all\n  tasks: [{debug: hello}]\n", "free-text", 2, 19, "write its arguments as a mapping"),
    ])
    func reports(_ text: String, _ code: String, _ line: Int, _ column: Int, _ hint: String?) throws {
        let found = try load([
            "site.yml": text, "roles/web/tasks/main.yml": "", "t.yml": "",
        ]).diagnostics
        #expect(found.map(\.code) == [code])
        #expect(found.first?.location == SourceLocation(file: "site.yml", line: line, column: column))
        #expect(found.first?.hints.first == hint)
    }

    @Test func reportsEverythingAtOnce() throws {
        let (_, found) = try load([
            "site.yml": """
            - hosts: all
              taks: []
              tasks:
                - copi: {}
                - copy: {srcc: a}
                - debug: {msg: x}
                  register: a-b
                - when: x
            """
        ])
        #expect(
            found.map(\.code).sorted() == [
                "no-module", "unknown-argument", "unknown-key", "unknown-module", "variable-name",
            ])
    }
}
