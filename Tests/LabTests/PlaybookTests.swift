import Foundation
import Testing

/// What playbooks may say, on real hosts.
@Suite(.serialized) struct PlaybookTests {
    @Test func stepKeywordsMeanWhatAnsibleMeans() async throws {
        try await LabProject.with { project in
            project.steps("""
                - name: Loop
                  command: echo {{ item }}
                  loop: [a, b]
                  register: echoes
                  when: wanted
                  notify: Restart
                - name: What the loop said
                  debug: {msg: "heard {{ echoes.results | map(attribute='stdout') | join('+') }}"}
                - name: Not wanted
                  command: 'false'
                  when: not wanted
                - name: Patience
                  shell: echo x >> \(project.remote)-count; wc -l < \(project.remote)-count
                  become: true
                  register: count
                  until: count.stdout | int >= 3
                  retries: 5
                  delay: 0
                - name: Forget
                  file: {path: '\(project.remote)-count', state: absent}
                  become: true
                - name: Ignored
                  command: sh -c 'exit 3'
                  ignore_errors: true
                - name: Protected
                  block:
                    - name: Breaks
                      command: sh -c 'exit 4'
                    - name: Not reached
                      command: echo not-reached
                  rescue:
                    - name: Mend
                      debug: {msg: "mended {{ ansible_failed_task.name }} {{ ansible_failed_result.rc }}"}
                  always:
                    - name: Sweep
                      debug: {msg: swept}
                - name: Root
                  command: id -un
                  become: true
                  register: who
                  changed_when: false
                - assert: {that: ["who.stdout == 'root'", count.attempts == 3]}
                """, play: "vars: {wanted: true}\nhandlers:\n  - name: Restart\n    command: echo restarted")
            let result = try await project.run("test", "-v")
            #expect(result.status == 0, "\(result)")
            for words in ["heard a+b", "mended Breaks 4", "swept", "handler Restart", "restarted"] {
                #expect(result.all.contains(words), "\(words)\n\(result)")
            }
            #expect(!result.all.contains("not-reached"))
            #expect(result.stdout.contains(/failed=0 +skipped=1 +rescued=1 +ignored=1/), "\(result)")
        }
    }

    @Test func delegationAndRunOnce() async throws {
        try await LabProject.with(inventory: LabProject.both) { project in
            project.steps("""
                - name: On the other
                  command: hostname
                  delegate_to: mon1
                  register: there
                - name: Here
                  command: echo local
                  delegate_to: localhost
                  run_once: true
                  register: here
                - debug: {msg: "{{ inventory_hostname }} got {{ there.stdout }} and {{ here.stdout }}"}
                """)
            let result = try await project.run("test")
            #expect(result.status == 0, "\(result)")
            #expect(result.all.contains("app1 got mon1 and local"), "\(result)")
            #expect(result.all.contains("mon1 got mon1 and local"), "\(result)")
        }
    }

    @Test func limitsTagsAndExtraVariables() async throws {
        try await LabProject.with(inventory: LabProject.both) { project in
            project.steps("""
                - debug: {msg: "tagged {{ word }} {{ numbers | sum }}"}
                  tags: [some]
                - debug: {msg: untagged}
                """, play: "vars: {word: play, numbers: [1]}")
            let result = try await project.run(
                "test", "--limit", "all:!mon1", "--tags", "some", "-e", "word=extra", "-e", #"{"numbers": [1, 2]}"#)
            #expect(result.status == 0, "\(result)")
            #expect(result.all.contains("tagged extra 3"), "\(result)")
            #expect(!result.all.contains("untagged") && !result.stdout.contains("mon1"), "\(result)")
            let skipped = try await project.run("test", "--skip-tags", "some")
            #expect(skipped.all.contains("untagged") && !skipped.all.contains("tagged play"), "\(skipped)")
        }
    }

    @Test func rollingBatchesStopWhenOneFails() async throws {
        let hosts = LabProject.inventory([
            ("first", "ansible_host: \(Lab.app1), ok: true"), ("second", "ansible_host: \(Lab.app1), ok: false"),
            ("third", "ansible_host: \(Lab.app1), ok: true"),
        ])
        try await LabProject.with(inventory: hosts) { project in
            project.steps("- name: Roll\n  command: \"{{ 'true' if ok else 'false' }}\"", play: "serial: 1")
            let result = try await project.run("test")
            #expect(result.status == 2, "\(result)")
            #expect(result.stdout.contains(/first +ok=1/), "\(result)")
            #expect(result.stdout.contains(/second .*failed=1/), "\(result)")
            #expect(result.stdout.contains("not started"), "\(result)")
        }
    }

    @Test func checkModeShowsADiffAndChangesNothing() async throws {
        try await LabProject.with { project in
            project.write("playbooks/templates/motd.j2", "one\n{{ second }}\n")
            project.steps("""
                - name: Directory
                  file: {path: '\(project.remote)', state: directory}
                - name: Message
                  template: {src: motd.j2, dest: '\(project.remote)/motd', mode: '0640'}
                """, play: "become: true")
            #expect(try await project.run("test", "-e", "second=two").stdout.contains("changed=2"))
            let again = try await project.run("test", "-e", "second=two")
            #expect(again.status == 0 && again.stdout.contains("changed=0"), "\(again)")

            let check = try await project.run("test", "-e", "second=drei", "--check", "--diff")
            #expect(check.status == 0, "\(check)")
            #expect(check.all.contains("-two") && check.all.contains("+drei"), "\(check)")
            #expect(try await Lab.shell("app1", "cat \(project.remote)/motd; stat -c %a \(project.remote)/motd") == "one\ntwo\n640\n")

            let applied = try await project.run("test", "-e", "second=drei")
            #expect(applied.stdout.contains("changed=1"), "\(applied)")
            #expect(try await Lab.shell("app1", "cat \(project.remote)/motd") == "one\ndrei\n")
        }
    }

    @Test func jsonOutputIsOneEventPerLine() async throws {
        try await LabProject.with { project in
            project.steps("- name: Say\n  command: printf 'a\\nb'\n- name: Break\n  command: 'false'")
            let result = try await project.run("test", "--output", "json")
            #expect(result.status == 2, "\(result)")
            let events = try result.stdout.split(separator: "\n").map { line in
                try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            }
            let names = events.compactMap { $0["event"] as? String }
            #expect(names.count == events.count)
            #expect(names.first == "runStarted" && names.last == "runFinished", "\(names)")
            #expect(events.last?["exitStatus"] as? Int == 2)
            let records = try FileManager.default.contentsOfDirectory(atPath: project.directory + "/.opsctl/runs")
            #expect(records.count >= 1)
        }
    }

    @Test func aSecretNeverShows() async throws {
        try await LabProject.with { project in
            project.write("vault.yml", "token: \"S3ntinel'x & \\\"y\\\"\"\n")
            project.steps("""
                - name: Quiet
                  command:
                    argv: [sh, -c, 'cat; echo', '{{ token }}']
                    stdin: '{{ token }}'
                  no_log: true
                - name: Quiet failure
                  shell: cat > /dev/null; echo {{ token | quote }}; exit 1
                  no_log: true
                """)
            let result = try await project.run("test", "-v", "-e", "@vault.yml")
            #expect(result.status == 2, "\(result)")
            #expect(!result.all.contains("S3ntinel"), "\(result)")
            let records = try await Lab.tool("grep", ["-rlF", "--", "S3ntinel", project.directory])
            #expect(records == "\(project.directory)/vault.yml\n", "\(records)")
        }
    }
}
