import Testing

/// Mistakes in a project: place, line, caret, hint, status 65.
struct ProjectErrorTests {
    struct Mistake: Sendable, CustomTestStringConvertible {
        var name: String
        var playbook: String
        var expected: String
        var testDescription: String { name }
    }

    static let mistakes = [
        Mistake(
            name: "unknown argument", playbook: "- hosts: all\n  tasks:\n    - copy:\n        content: x\n        detination: /tmp/x\n",
            expected: """
                playbooks/site.yml:5:9: error: unknown key 'detination' in module 'copy'
                   4 |         content: x
                   5 |         detination: /tmp/x
                     |         ^
                """),
        Mistake(
            name: "unknown module", playbook: "- hosts: all\n  tasks:\n    - shel: ls\n",
            expected: "playbooks/site.yml:3:7: error: "),
        Mistake(
            name: "broken YAML", playbook: "- hosts: all\n  tasks: [\n", expected: "playbooks/site.yml:3:1: error: "),
        Mistake(
            name: "broken template", playbook: "- hosts: all\n  tasks:\n    - debug: {msg: \"{{ 1 + }}\"}\n",
            expected: "playbooks/site.yml:3:"),
    ]

    @Test(arguments: mistakes)
    func `has its place, line and caret`(_ mistake: Mistake) async throws {
        let project = try Scratch.project(mistake.playbook)
        for command in [["check", "lab"], ["run", "site", "lab"]] {
            let result = try await project.opsctl(command)
            #expect(result.status == 65 && result.output.isEmpty, "\(result)")
            #expect(result.errors.contains(mistake.expected), "\(result)")
            #expect(result.errors.contains("| ") && result.errors.contains("^\n"), "\(result)")
        }
    }

    @Test func `nearest names are hints`() async throws {
        let project = try Scratch.project("- hosts: all\n  tasks:\n    - shel: ls\n")
        #expect(try await project.opsctl("check", "lab").errors.contains("did you mean 'shell'?"))
        let environment = try await project.opsctl("check", "lap")
        #expect(environment.errors.contains("there is no environment 'lap'") && environment.errors.contains("did you mean 'lab'?"))
        #expect(try await project.opsctl("run", "sit", "lab").errors.contains("did you mean 'site'?"))
        #expect(try await project.opsctl("vars", "oen", "lab").errors.contains("did you mean 'one'?"))
    }

    @Test func `all findings come at once`() async throws {
        let project = try Scratch.project(
            "- hosts: all\n  tasks:\n    - copy: {dets: /x, content: a}\n    - fiel: {path: /x}\n    - debug: {mgs: a}\n")
        let result = try await project.opsctl("check", "lab")
        for word in ["'dets'", "'fiel'", "'mgs'"] { #expect(result.errors.contains(word), "\(result)") }
        #expect(result.status == 65)
    }

    @Test func `a limit that selects nobody is refused`() async throws {
        let result = try await Scratch.project("- hosts: all\n  tasks: [{debug: {msg: hi}}]\n")
            .opsctl("run", "site", "lab", "--limit", "nobody")
        #expect(result.status == 64 && result.errors.contains("no host is selected"), "\(result)")
    }
}
