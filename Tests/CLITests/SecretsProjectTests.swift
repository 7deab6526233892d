import Foundation
import Testing

/// Secrets of a project: made, edited, checked, compared, used.
struct SecretsProjectTests {
    private let scratch: Scratch
    private let sentinel = "Sentinel-4711-value"

    init() async throws {
        scratch = try Scratch([
            "inventory/lab.yml": Scratch.localInventory,
            "secrets.example/smtp.yml": "# the mail account\nusername: someone\npassword: dummy\n",
        ])
        let recipient = try #require(try await scratch.opsctl("secrets", "keygen").lines.first)
        try scratch.write("creation_rules:\n  - age: \(recipient)\n", to: ".sops.yaml")
    }

    private let file = "secrets/lab/smtp.yml"

    private func secrets(_ words: String..., input: String = "", environment: [String: String] = [:]) async throws -> Program.Result {
        try await scratch.opsctl(["secrets"] + words, input: input, environment: environment)
    }

    private func makeSecrets() async throws {
        let made = try await secrets("init", "lab", "--values", "-", input: "smtp: {username: ann, password: \(sentinel)}\n")
        try #require(made.status == 0, "\(made)")
    }

    @Test func `init asks for everything, or says what is missing`() async throws {
        let partial = try await secrets("init", "lab", "--values", "-", input: "smtp: {username: ann}\n")
        #expect(partial.status == 65 && partial.errors.contains("no value for 'smtp.password'") && !scratch.exists(file), "\(partial)")
        let generated = try await secrets("init", "lab", "--generate", "--values", "-", input: "smtp: {username: ann}\n")
        #expect(generated.status == 0, "\(generated)")
        #expect(try await secrets("view", file, "password").output.count == 33)
        #expect(try await secrets("view", file).output.hasPrefix("# the mail account\nusername: "))
        let before = try scratch.read(file)
        #expect(try await secrets("init", "lab", "--generate").errors.contains("kept     \(file)"))
        #expect(try scratch.read(file) == before)
    }

    @Test func `check finds what is missing, weak or plain`() async throws {
        try await makeSecrets()
        let good = try await secrets("check", "lab")
        #expect(good.status == 0 && good.errors.contains("secrets check --hook"), "\(good)")
        try scratch.write("- hosts: all\n  tasks: [{debug: {msg: \"{{ smtp.server }}\"}}]\n", to: "playbooks/site.yml")
        try scratch.write("key: dummy\n", to: "secrets.example/api.yml")
        try scratch.write("password: \(sentinel)\n", to: "secrets/lab/plain.yml")
        _ = try await secrets("set", file, "password", input: "changeme\n")
        let bad = try await secrets("check", "lab")
        #expect(bad.status == 65 && !"\(bad)".contains(sentinel) && !"\(bad)".contains("changeme"), "\(bad)")
        for finding in [
            "'server' is missing", "no secrets/lab/api.yml", "plain.yml:1:1: error: the file is not encrypted",
            "'password' is a well-known default",
        ] {
            #expect(bad.errors.contains(finding), "\(finding)\n\(bad)")
        }
    }

    @Test func `check looks into every file, whatever its format, name and place`() async throws {
        try await makeSecrets()
        try scratch.write("KEY=dummy\nOTHER=dummy\n", to: "secrets.example/c.env")
        try scratch.write("KEY=a-good-password-1\n", to: "secrets/lab/c.env")
        #expect(try await secrets("encrypt", "secrets/lab/c.env").status == 0)
        let missing = try await secrets("check", "lab")
        #expect(missing.status == 65, "\(missing)")
        #expect(missing.errors.contains("secrets/lab/c.env:1:1: error: the secret 'OTHER' is missing"), "\(missing)")
        _ = try await secrets("set", "secrets/lab/c.env", "OTHER", input: "another-good-one-1")
        #expect(try await secrets("check").status == 0)
        let whole = try scratch.read("secrets/lab/c.env")
        try scratch.write(whole.replacing("KEY=ENC[AES256_GCM,data:", with: "KEY=ENC[AES256_GCM,data:AA"), to: "secrets/lab/c.env")
        let damaged = try await secrets("check", "lab")
        #expect(damaged.status == 65 && damaged.errors.contains("secrets/lab/c.env:1"), "\(damaged)")
        try scratch.write(whole, to: "secrets/lab/c.env")
        for plain in ["lab/.env", "lab/sub/x.yml", "top.yml", "lab/README.txt", "lab/sub/.hidden"].map({ "secrets/\($0)" }) {
            try scratch.write("PASSWORD=\(sentinel)\n", to: plain)
            let result = try await secrets("check", "lab")
            #expect(result.errors.contains("\(plain):1:1: error: the file is not encrypted") && result.status == 65, "\(result)")
            try FileManager.default.removeItem(atPath: scratch.path(plain))
        }
        try scratch.write("about\n", to: "secrets/lab/README.md")
        #expect(try await secrets("check", "lab").status == 0)
    }

    @Test func `check finds passwords that were left as the example has them`() async throws {
        try scratch.write("username: someone\npassword: please-fill-this-in\n", to: "secrets.example/smtp.yml")
        let given = "smtp: {username: someone, password: please-fill-this-in}\n"
        let made = try await secrets("init", "lab", "--values", "-", input: given)
        try #require(made.status == 0, "\(made)")
        let result = try await secrets("check", "lab")
        #expect(result.status == 65 && result.errors.contains("'password' is still what the example has"), "\(result)")
        #expect(!result.errors.contains("'username'"))
        _ = try await secrets("set", file, "password", input: "abcabcabcabcabcabc")
        #expect(try await secrets("check", "lab").errors.contains("'password' repeats a short pattern"))
    }

    @Test func `init takes values as they are written`() async throws {
        let keys = ["version", "word", "hex", "octal", "large", "time", "empty"]
        try scratch.write(keys.map { "\($0): dummy\n" }.joined(), to: "secrets.example/smtp.yml")
        let given = "smtp: {version: 1.10, word: yes, hex: 0x1F, octal: 0644, large: 12345678901234567890, time: 12:30:00, "
            + "empty: '~'}\n"
        let made = try await secrets("init", "lab", "--values", "-", input: given)
        try #require(made.status == 0, "\(made)")
        for (key, text) in zip(keys, ["1.10", "yes", "0x1F", "0644", "12345678901234567890", "12:30:00", "~"]) {
            #expect(try await secrets("view", file, key).output == text + "\n")
        }
    }

    @Test(arguments: ["truncate -s 0", "sed -i s/^/#/"])
    func `an edit that leaves nothing keeps the file and the text`(_ editor: String) async throws {
        try await makeSecrets()
        let before = try scratch.read(file)
        let result = try await secrets("edit", file, environment: ["EDITOR": editor])
        #expect(result.status == 65 && result.errors.contains("no value is left"), "\(result)")
        let kept = try #require(result.errors.firstMatch(of: /kept in (\/\S+)\/smtp\.yml/)).1
        try FileManager.default.removeItem(atPath: String(kept))
        #expect(try scratch.read(file) == before)
    }

    @Test func `an edit doesn't undo what others changed meanwhile`() async throws {
        try await makeSecrets()
        try scratch.write("""
            #!/bin/sh
            echo other-value | '\(Program.path)' secrets set \(file) username
            sed -i s/ann/bob/ "$1"
            """, to: "editor")
        _ = try await scratch.tool("chmod", "+x", "editor")
        let result = try await secrets("edit", file, environment: ["EDITOR": "./editor"])
        #expect(result.status == 65 && result.errors.contains("the file was changed while you edited it"), "\(result)")
        let kept = try #require(result.errors.firstMatch(of: /kept in (\/\S+)\/smtp\.yml/)).1
        try FileManager.default.removeItem(atPath: String(kept))
        #expect(try await secrets("view", file, "username").output == "other-value\n")
    }

    @Test func `check knows every key that playbooks, variables and templates read`() async throws {
        try await makeSecrets()
        let files = [
            "playbooks/site.yml": """
                - hosts: all
                  vars: {mail: "{{ smtp['in_vars'] }}"}
                  tasks:
                    - {debug: {var: smtp.in_debug}, when: smtp.in_when == 'x'}
                    - {assert: {that: ["smtp.in_that | length > 3", "smtp.guarded is defined"]}}
                    - {command: 'true', register: r, until: r.rc == smtp.in_until, failed_when: [smtp.in_list_of_conditions]}
                    - {debug: {msg: "{{ item }}"}, loop: "{{ smtp.in_loop }}"}
                    - {debug: {msg: "{{ smtp.with_default | default('x') }} {{ smtp.guarded }} {{ 'smtp.in_text' }} smtp.bare {{ my.smtp.other }}"}}
                    - {debug: {msg: "{{ smtp.password.split('x') }}"}}
                """,
            "roles/mail/templates/mail.j2":
                "{% if smtp.tested %}{{ smtp.in_branch }}{% endif %}{% for smtp in list %}{{ smtp.loop_variable }}{% endfor %}",
            "inventory/group_vars/all.yml": "from: '{{ smtp.in_group_vars }}'\n",
            "playbooks/rules.yml": "annotation: 'at {{ $labels.instance }}'\n",
        ]
        for (path, text) in files { try scratch.write(text, to: path) }
        let result = try await secrets("check", "lab")
        let found = result.errors.matches(of: /(error|warning): the secret '([^']+)' is missing/).map { "\($0.1) \($0.2)" }
        #expect(Set(found) == [
            "error in_vars", "warning in_debug", "error in_when", "error in_that", "error in_until", "error in_list_of_conditions",
            "error in_loop", "error tested", "warning in_branch", "error in_group_vars", "error guarded",
        ], "\(result)")
        #expect(result.errors.contains("'in_loop' is missing; playbooks/site.yml:7 reads it") && result.status == 65, "\(result)")
    }

    @Test func `editing changes what was edited, and keeps work that can't be encrypted`() async throws {
        try await makeSecrets()
        let edited = try await secrets("edit", file, environment: ["EDITOR": "sed -i s/ann/bob/"])
        #expect(edited.status == 0, "\(edited)")
        #expect(try await secrets("view", file, "username").output == "bob\n")
        let before = try scratch.read(file)
        #expect(try await secrets("edit", file, environment: ["EDITOR": "true"]).errors.contains("nothing changed"))
        let failed = try await secrets("edit", file, environment: ["EDITOR": "false"])
        #expect(failed.status == 65, "\(failed)")
        let broken = try await secrets("edit", file, environment: ["EDITOR": "sed -i 's/bob/[bob/'"])
        #expect(broken.status == 65 && !"\(broken)".contains(sentinel) && !"\(broken)".contains("bob"), "\(broken)")
        #expect(try scratch.read(file) == before)
        let kept = try #require(broken.errors.firstMatch(of: /kept in (\/\S+)\/smtp\.yml/)).1
        defer { try? FileManager.default.removeItem(atPath: String(kept)) }
        #expect(try String(contentsOfFile: "\(kept)/smtp.yml", encoding: .utf8).contains("[bob"))
        let modes = try [String(kept), "\(kept)/smtp.yml"].map {
            try FileManager.default.attributesOfItem(atPath: $0)[.posixPermissions] as? Int
        }
        #expect(modes == [0o700, 0o600])
    }

    @Test func `git sees which values changed, and refuses plain ones`() async throws {
        try await makeSecrets()
        for words in [
            ["init", "-q"], ["add", "secrets", ".sops.yaml"],
            ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "first"],
        ] {
            let result = try await Program.run(
                ["git"] + words, program: "/usr/bin/env", in: scratch.directory,
                environment: ["PATH": "/usr/bin:/bin", "HOME": scratch.path("home")])
            try #require(result.status == 0, "\(result)")
        }
        _ = try await secrets("set", file, "password", input: "another-\(sentinel)\n")
        let diff = try await secrets("diff", file, "--all")
        #expect(diff.status == 0 && diff.output == "changed  password\nsame     username\n", "\(diff)")
        #expect(try await secrets("diff", file, "nowhere").errors.contains("git knows no revision 'nowhere'"))
        let shown = try await secrets("textconv", file)
        #expect(shown.output.hasPrefix("username = ••• ") && !shown.output.contains(sentinel), "\(shown)")
        #expect(try await secrets("check", "--staged").status == 0)
        try scratch.write("password: \(sentinel)\n", to: "secrets/lab/new.yml")
        _ = try await scratch.tool("git", "add", "secrets")
        let refused = try await secrets("check", "--staged")
        #expect(refused.status == 65 && !"\(refused)".contains(sentinel), "\(refused)")
    }

    @Test func `values don't leak from runs`() async throws {
        try await makeSecrets()
        try scratch.write("mail {{ smtp.password | b64encode }}", to: "mail.j2")
        let masked = try await scratch.opsctl("render", "mail.j2", "lab")
        #expect(masked.output.hasPrefix("mail •••") && masked.output.count < 14, "\(masked)")
        #expect(
            try await scratch.opsctl("render", "mail.j2", "lab", "--reveal").output
                == "mail " + Data(sentinel.utf8).base64EncodedString())
        try scratch.write("""
            - hosts: one
              tasks:
                - shell: cat
                  args: {stdin: "{{ smtp.password }}"}
                - copy: {content: "pw={{ smtp.password }}\\n", dest: "{{ scratch }}/out", mode: "0600"}
                - {name: "with {{ smtp.password }}", debug: {msg: "{{ smtp }} {{ smtp.password | urlencode }}"}}
                - {shell: "cat {{ scratch }}/out; cat {{ scratch }}/out >&2; exit 3"}
            """, to: "playbooks/site.yml")
        for options in [["-v", "--diff"], ["-v", "--check", "--diff"], ["--output", "json"]] {
            let result = try await scratch.opsctl(["run", "site", "lab"] + options)
            #expect(!"\(result)".contains(sentinel), "\(options)\n\(result)")
            #expect(!"\(result)".contains(Data(sentinel.utf8).base64EncodedString()), "\(options)")
        }
        #expect(try scratch.read("out") == "pw=\(sentinel)\n", "the host got the value")
        #expect(try await !scratch.opsctl("vars", "one", "lab").output.contains(sentinel))
        let left = try await scratch.tool("grep", "-rl", sentinel, ".")
        #expect(left.lines == ["./out"], "\(left)")
    }
}
