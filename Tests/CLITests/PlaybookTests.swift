import Testing

/// The playbook language, on hosts that are this machine.
struct PlaybookTests {
    private func run(_ project: Scratch, _ options: String...) async throws -> Program.Result {
        try await project.opsctl(["run", "site", "lab"] + options)
    }

    @Test func `conditions, loops, results and retries`() async throws {
        let project = try Scratch.project("""
            - hosts: one
              tasks:
                - shell: echo "item {{ item }}" >> {{ log }}
                  loop: [a, b, c]
                  when: item != 'b'
                  register: looped
                - assert: {that: ["looped.results | length == 3", "looped.results[1].skipped", "looped is changed"]}
                - shell: echo x >> {{ scratch }}/tries; test $(wc -l < {{ scratch }}/tries) -ge 3
                  register: tried
                  until: tried.rc == 0
                  retries: 5
                  delay: 0
                - set_fact: {number: "{{ 40 + 2 }}"}
                - include_tasks: more.yml
                  vars: {word: included}
                - shell: echo never >> {{ log }}
                  when: [number == 42, false]
            """, ["playbooks/more.yml": "- shell: echo {{ word }} {{ number }} >> {{ log }}\n"])
        let result = try await run(project)
        #expect(result.status == 0, "\(result)")
        #expect(project.log == ["item a", "item c", "included 42"])
        #expect(try project.read("tries") == "x\nx\nx\n")
        #expect(result.output.contains("changed=3 unreachable=0 failed=0 skipped=1 rescued=0 ignored=0"), "\(result)")
    }

    @Test func `a failed run ends with the command that goes on`() async throws {
        let project = try Scratch.project("""
            - hosts: all
              tasks:
                - assert: {that: inventory_hostname == 'one'}
            """)
        let result = try await run(project, "-l", "all", "-e", "word='two words'")
        #expect(result.status == 2, "\(result)")
        #expect(result.errors.contains("go on with: opsctl run site lab -e "), "\(result)")
        #expect(result.errors.contains(/--limit (two,three|three,two)\n/) && !result.errors.contains(" -l all"), "\(result)")
        let all = try await run(project, "--limit", "two")
        #expect(all.status == 2 && !all.errors.contains("go on with"), "\(all)")
    }

    /// The counts are those of ansible-core 2.19 for the same file.
    @Test func `the recap counts as Ansible's does`() async throws {
        let project = try Scratch.project("""
            - hosts: one
              tasks:
                - include_tasks: more.yml
                  loop: [1, 2]
                - shell: exit {{ item }}
                  loop: [0, 1]
                  ignore_errors: true
                - fail: {msg: no}
                  ignore_errors: true
                - command: "true"
                  loop: []
                - command: "true"
                  when: false
                - block: [{command: "false"}]
                  rescue: [{debug: {msg: rescued}}]
                  always: [{command: "true"}]
            """, ["playbooks/more.yml": "- command: 'true'\n"])
        let result = try await run(project)
        #expect(result.status == 0, "\(result)")
        #expect(result.output.contains("ok=8 changed=4 unreachable=0 failed=0 skipped=2 rescued=1 ignored=2"), "\(result)")
    }

    @Test func `handlers run once, at the end, and only after a change`() async throws {
        let project = try Scratch.project("""
            - hosts: one
              tasks:
                - command: "true"
                  notify: [named, heard]
                - command: "true"
                  notify: named
                - command: "true"
                  changed_when: false
                  notify: silent
                - shell: echo step >> {{ log }}
              handlers:
                - {name: silent, shell: "echo silent >> {{ log }}"}
                - {name: other, listen: heard, shell: "echo heard >> {{ log }}"}
                - {name: named, shell: "echo named >> {{ log }}"}
            """)
        #expect(try await run(project).status == 0)
        #expect(project.log == ["step", "heard", "named"])
    }

    @Test func `blocks rescue, ignored failures go on, others end the host`() async throws {
        let project = try Scratch.project("""
            - hosts: one
              tasks:
                - block:
                    - {name: broken, command: "false"}
                    - shell: echo never >> {{ log }}
                  rescue:
                    - shell: echo "rescued {{ ansible_failed_task.name }}" >> {{ log }}
                  always:
                    - shell: echo always >> {{ log }}
                - {command: "false", ignore_errors: true}
                - {name: the end, shell: "echo out; echo why >&2; exit 7"}
                - shell: echo never >> {{ log }}
            """)
        let result = try await run(project)
        #expect(result.status == 2 && project.log == ["rescued broken", "always"], "\(result)")
        #expect(result.output.contains("failed=1 skipped=0 rescued=1 ignored=1"), "\(result)")
        #expect(result.errors.contains("the end: ended with exit status 7") && result.errors.contains("why"), "\(result)")
    }

    @Test func `one bad host hides no other`() async throws {
        let project = try Scratch.project("""
            - hosts: all
              tasks:
                - command: "{{ 'false' if inventory_hostname == 'two' else 'true' }}"
                - shell: touch {{ scratch }}/{{ inventory_hostname }}
            """)
        let result = try await run(project)
        #expect(result.status == 2 && project.exists("one") && !project.exists("two") && project.exists("three"), "\(result)")
    }

    @Test func `delegated and once-only steps`() async throws {
        let project = try Scratch.project("""
            - hosts: all
              tasks:
                - {shell: "echo once >> {{ log }}", run_once: true, register: only}
                - {shell: "echo {{ only.changed }} > {{ scratch }}/for-{{ inventory_hostname }}", delegate_to: one}
            """)
        #expect(try await run(project).status == 0)
        #expect(project.log == ["once"])
        for host in ["one", "two", "three"] { #expect(try project.read("for-\(host)") == "True\n") }
    }

    @Test func `a tag or first step that there is not is no run that did nothing`() async throws {
        let project = try Scratch.project("""
            - hosts: all
              tasks:
                - {name: look around, shell: "echo x >> {{ log }}", tags: [health, never]}
                - {include_tasks: more.yml, tags: always}
            """, ["playbooks/more.yml": "- {shell: 'echo y >> {{ log }}', tags: prometheus}\n"])
        let cases: [(options: [String], words: [String])] = [
            (["--tags", "helth"], ["no step of playbooks/site.yml has the tag 'helth'", "did you mean 'health'?"]),
            (["--tags", "health,promethes"], ["'promethes'", "did you mean 'prometheus'?"]),
            (["--start-at-step", "look arond"], ["no step of playbooks/site.yml is named 'look arond'", "did you mean 'look around'?"]),
        ]
        for (options, words) in cases {
            let result = try await run(project, options.joined(separator: "="))
            #expect(result.status == 64, "\(result)")
            for word in words { #expect(result.errors.contains(word), "\(word): \(result)") }
        }
        #expect(project.log.isEmpty)
        let skipped = try await run(project, "--skip-tags=xyz")
        #expect(skipped.status == 0 && skipped.errors.contains("warning: no step of playbooks/site.yml has the tag 'xyz'"), "\(skipped)")
        #expect(skipped.errors.contains("there are: health, prometheus"), "\(skipped)")
        for tags in ["tagged", "prometheus", "all"] { #expect(try await run(project, "--tags=\(tags)").status == 0) }
        // What a file is called that is only known later, nobody can tell its tags now.
        let open = try Scratch.project("- hosts: one\n  tasks:\n  - include_tasks: '{{ scratch }}/none-{{ item }}.yml'\n    loop: []\n")
        #expect(try await run(open, "--tags=anything").status == 0)
    }

    @Test func `limits, tags, extra variables and a first step`() async throws {
        let playbook = """
            - hosts: all
              vars: {word: play}
              tasks:
                - {name: first, shell: "echo {{ inventory_hostname }} first {{ word }} >> {{ log }}", tags: early}
                - {name: second, shell: "echo {{ inventory_hostname }} second {{ word }} >> {{ log }}"}
                - {name: special, shell: "echo special >> {{ log }}", tags: [never, special]}
            """
        let cases: [(options: [String], log: [String])] = [
            (["--limit", "two"], ["two first play", "two second play"]),
            (["--limit", "all:!one:!three", "--tags", "early"], ["two first play"]),
            (["-l", "one", "--skip-tags", "early", "-e", "word=given"], ["one second given"]),
            (["-l", "one", "-e", "{\"word\": \"json\"}", "--start-at-step", "second"], ["one second json"]),
            (["-l", "one", "--tags", "special"], ["special"]),
        ]
        for (options, log) in cases {
            let project = try Scratch.project(playbook)
            let result = try await project.opsctl(["run", "site", "lab"] + options)
            #expect(result.status == 0 && project.log == log, "\(options): \(project.log)\n\(result)")
        }
    }
}
