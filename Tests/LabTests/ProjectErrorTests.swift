import Testing

/// Mistakes in a project: found before anything connects, each with its place and a way out.
@Suite(.serialized) struct ProjectErrorTests {
    @Test func allMistakesOfAPlaybookAreReportedAtOnce() async throws {
        try await LabProject.with { project in
            project.steps("""
                - name: Copy
                  copy:
                    src: motd
                    dst: /etc/motd
                - shel: 'true'
                - nme: Listing
                  command: ls
                """)
            for arguments in [["check", "test"], ["run", "playbooks/site.yml", "test"]] {
                let result = try await Opsctl.run(arguments, in: project.directory)
                #expect(result.status == 65, "\(result)")
                #expect(result.stderr.contains("playbooks/site.yml:7:9: error: unknown key 'dst' in module 'copy'"), "\(result)")
                #expect(result.stderr.contains("hint: did you mean 'dest'?"), "\(result)")
                #expect(result.stderr.contains("playbooks/site.yml:8:7: error: unknown module 'shel'"), "\(result)")
                #expect(result.stderr.contains("hint: did you mean 'shell'?"))
                #expect(result.stderr.contains("playbooks/site.yml:9:7: error: unknown key 'nme' in a step"), "\(result)")
                #expect(result.stderr.contains("hint: did you mean 'name'?"))
            }
        }
    }

    @Test func aTypoInYAMLHasItsPlace() async throws {
        try await LabProject.with { project in
            project.write("playbooks/site.yml", "- hosts: all\n  steps:\n    - name: x\n     shell: y\n")
            let result = try await project.run("test")
            #expect(result.status == 65, "\(result)")
            #expect(result.stderr.contains("playbooks/site.yml:4:6: error:"), "\(result)")
            #expect(result.stderr.contains("4 |      shell: y"), "\(result)")
        }
    }

    @Test func anUndefinedVariableNamesTheNearest() async throws {
        try await LabProject.with { project in
            project.steps("""
                - name: Greet
                  command: echo {{ greting }}
                - name: Never
                  file: {path: '\(project.remote)', state: directory}
                """, play: "vars: {greeting: hi}")
            let result = try await project.run("test")
            #expect(result.status == 2 || result.status == 65, "\(result)")
            #expect(result.all.contains("'greting' is not defined"), "\(result)")
            #expect(result.all.contains("playbooks/site.yml:6:24"), "\(result)")
            #expect(result.all.contains("did you mean 'greeting'?"), "\(result)")
            #expect(!result.all.contains("Never"))
        }
    }

    @Test func aTemplateThatFailsOnOneHostFailsThereAlone() async throws {
        let hosts = LabProject.inventory([
            ("app1", "ansible_host: \(Lab.app1), workers: 4"), ("mon1", "ansible_host: \(Lab.mon1), workers: 0"),
        ])
        try await LabProject.with(inventory: hosts) { project in
            project.write("playbooks/templates/app.conf.j2", "name {{ inventory_hostname }}\nshare {{ 100 // workers }}\n")
            project.steps("""
                - name: Directory
                  file: {path: '\(project.remote)', state: directory}
                - name: Settings
                  template: {src: app.conf.j2, dest: '\(project.remote)/app.conf'}
                """, play: "become: true")
            let result = try await project.run("test")
            #expect(result.status == 2, "\(result)")
            #expect(result.all.contains("app.conf.j2:2:"), "\(result)")
            #expect(result.all.contains("division by zero"), "\(result)")
            #expect(result.stdout.contains(/app1 +ok=2 +changed=2 .*failed=0/), "\(result)")
            #expect(result.stdout.contains(/mon1 .*failed=1/), "\(result)")
            #expect(try await Lab.shell("app1", "cat \(project.remote)/app.conf") == "name app1\nshare 25\n")
        }
    }

    /// What can be known beforehand stops the run before anything connects.
    @Test func aVariableThatOneHostLacksIsFoundBeforeAnythingConnects() async throws {
        let hosts = LabProject.inventory([("app1", "ansible_host: \(Lab.app1), port: 8080"), ("mon1", "ansible_host: \(Lab.nobody)")])
        try await LabProject.with(inventory: hosts) { project in
            project.write("playbooks/templates/app.conf.j2", "name {{ inventory_hostname }}\nlisten {{ port }}\n")
            project.steps("- template: {src: app.conf.j2, dest: '\(project.remote)'}")
            let result = try await project.run("test")
            #expect(result.status == 65 && result.seconds < 5, "\(result)")
            #expect(result.all.contains("app.conf.j2:2:11: error: 'port' is not defined for mon1"), "\(result)")
        }
    }

    @Test func whatIsNotThereIsNamed() async throws {
        try await LabProject.with { project in
            project.steps("- command: 'true'")
            let environment = try await project.run("testt")
            #expect(environment.status == 65 && environment.stderr.contains("there is no environment 'testt'"), "\(environment)")
            let playbook = try await project.opsctl("run", "playbooks/sit.yml", "test")
            #expect(playbook.status == 65 && playbook.stderr.contains("there is no playbook 'playbooks/sit.yml'"), "\(playbook)")
            let limit = try await project.run("test", "--limit", "ap1")
            #expect(limit.status == 64 && limit.stderr.contains("no host is selected"), "\(limit)")
            let usage = try await project.run("test", "--limmit", "app1")
            #expect(usage.status == 64, "\(usage)")
        }
    }
}
