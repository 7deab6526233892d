import Testing

/// What a run would change, and that a second run changes nothing.
struct CheckModeTests {
    private func project() throws -> Scratch {
        try Scratch.project("""
            - hosts: one
              tasks:
                - {file: {path: "{{ scratch }}/made", state: directory, mode: "0750"}}
                - {copy: {src: plain.txt, dest: "{{ scratch }}/plain.txt", mode: "0640"}}
                - {template: {src: motd.j2, dest: "{{ scratch }}/motd"}, vars: {name: web}}
                - {shell: "echo ran > created", args: {chdir: "{{ scratch }}", creates: created}}
                - {stat: {path: "{{ scratch }}/plain.txt"}, register: found}
                - {debug: {msg: "exists {{ found.stat.exists }}"}}
            """, ["playbooks/files/plain.txt": "{{ copied }} as it is\n", "playbooks/templates/motd.j2": "welcome to {{ name }}\n"])
    }

    @Test func `check mode shows the changes and makes none`() async throws {
        let project = try project()
        let result = try await project.opsctl("run", "site", "lab", "--check", "--diff")
        #expect(result.status == 0, "\(result)")
        for name in ["made", "plain.txt", "motd", "created"] { #expect(!project.exists(name), "\(name)") }
        let shown = result.output + result.errors
        for line in ["+{{ copied }} as it is", "+welcome to web", "changed=4"] { #expect(shown.contains(line), "\(line)\n\(result)") }
    }

    @Test func `a second run changes nothing`() async throws {
        let project = try project()
        let first = try await project.opsctl("run", "site", "lab")
        #expect(first.status == 0 && first.output.contains("changed=4"), "\(first)")
        #expect(try project.read("plain.txt") == "{{ copied }} as it is\n")
        #expect(try project.read("motd") == "welcome to web\n")
        let second = try await project.opsctl("run", "site", "lab", "--diff")
        #expect(second.status == 0 && second.output.contains("changed=0"), "\(second)")
        try project.write("other\n", to: "motd")
        let third = try await project.opsctl("run", "site", "lab", "--diff")
        #expect(third.output.contains("changed=1"), "\(third)")
        let shown = third.output + third.errors
        #expect(shown.contains("-other") && shown.contains("+welcome to web"), "\(third)")
    }
}
