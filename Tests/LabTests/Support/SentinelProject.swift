import Foundation

/// A project with a secret in every position that a secret can have, and a playbook whose steps can each be made to fail.
struct SentinelProject {
    let project: LabProject
    /// Keys, passwords and patterns: what opens everything lies outside of the project.
    let keys: String
    /// The user that it logs in as and becomes root from, by password.
    let user: String
    let login = Sentinel()
    private let awkward = ["password", "message", "body", "stdin", "template", "label"].map { ($0, Sentinel(isAwkward: true)) }
    private let simple = ["token", "header", "handler", "hook", "basic"].map { ($0, Sentinel()) }
    /// One secret of two lines.
    private let lines = [Sentinel(), Sentinel()]
    private let pin = Sentinel(digits: 18)
    private let inline = Sentinel(isAwkward: true)
    private let group = Sentinel(isAwkward: true)
    private let whole = Sentinel(isAwkward: true)
    private let vaulted = Sentinel(isAwkward: true)

    /// One that everything may be planted with.
    var token: Sentinel { simple[0].1 }
    var password: Sentinel { awkward[0].1 }
    var all: [Sentinel] { [login, inline, group, whole, vaulted, pin] + lines + (awkward + simple).map(\.1) }

    init(_ project: LabProject) async throws {
        self.project = project
        let name = project.remote.suffix(8)
        user = "sn\(name)"
        keys = NSTemporaryDirectory() + "opsctl-sentinel-\(name)"
        try FileManager.default.createDirectory(atPath: keys, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        project.cleanUp { [keys] in try FileManager.default.removeItem(atPath: keys) }
        try await makeUser()
        try await makeFiles()
    }

    /// What every run needs; only names of files.
    var environment: [String: String] { ["SOPS_AGE_KEY_FILE": keys + "/age.txt", "ANSIBLE_VAULT_PASSWORD_FILE": keys + "/vault"] }

    /// The password travels backwards: forwards, it would be in this machine's process list. The user's number is one
    /// that no container has: its processes are ended with it.
    private func makeUser() async throws {
        try await Lab.shell("app1", """
            useradd -m -s /bin/sh -u $(shuf -n 1 -i 40000-49999) \(user)
            p=$(echo '\(String(login.text.reversed()))' | rev)
            echo "\(user):$p" | chpasswd
            echo '\(user) ALL=(ALL) ALL' > /etc/sudoers.d/\(user)
            """)
        project.cleanUp { [user] in
            try await Lab.shell("app1", "rm -f /etc/sudoers.d/\(user); pkill -KILL -u \(user); userdel -rf \(user)")
        }
    }

    private func opsctl(_ arguments: String..., stdin: String = "") async throws -> Opsctl.Result {
        let result = try await Opsctl.run(arguments, environment: environment, in: project.directory, stdin: stdin)
        guard result.status == 0 else { throw Lab.Missing(description: "\(arguments): \(result)") }
        return result
    }

    private func makeFiles() async throws {
        try Data("\(Sentinel().text)\n".utf8).write(to: URL(filePath: keys + "/vault"))
        let recipient = try await Opsctl.run(["secrets", "keygen", "--output", keys + "/age.txt"], in: project.directory)
        project.write(".sops.yaml", "creation_rules:\n  - age: \(recipient.stdout)")
        let values = (awkward + simple).map { "\($0.0): \(Self.quoted($0.1.text))\n" }.joined()
            + "lines: |\n  \(lines[0].text)\n  \(lines[1].text)\npin: \(pin.text)\n"
            + "url: http://10.77.0.12:8026/\(simple[3].1.text)\n"
        try await encrypted("secrets/test/app.yml", values)
        try await encrypted("secrets/test/whole.yml", "value: \(Self.quoted(whole.text))\n", "--format", "age")
        try await encrypted("secrets/test/vaulted.yml", "value: \(Self.quoted(vaulted.text))\n", "--format", "ansible-vault")
        try await encrypted("inventory/group_vars/all.yml", "group_value: \(Self.quoted(group.text))\n")
        project.write("inventory/test.yml", """
            all:
              vars:
                ansible_user: \(user)
                ansible_password: !vault |
            \(try await envelope(login.text))
                ansible_become: true
                ansible_become_password: '{{ ansible_password }}'
                ansible_ssh_common_args: -o UserKnownHostsFile=\(Lab.knownHosts) -o IdentitiesOnly=yes
                inline: !vault |
            \(try await envelope(inline.text))
                dir: \(project.remote)
                fail: none
              hosts:
                app1: {ansible_host: \(Lab.app1)}

            """)
        writePlaybooks()
    }

    private func encrypted(_ path: String, _ text: String, _ options: String...) async throws {
        let file = "\(keys)/\((path as NSString).lastPathComponent)"
        try Data(text.utf8).write(to: URL(filePath: file))
        let directory = "\(project.directory)/\((path as NSString).deletingLastPathComponent)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let arguments = ["secrets", "encrypt", file, "--output", path, "--age"] + [try recipient()] + options
        let result = try await Opsctl.run(arguments, environment: environment, in: project.directory)
        guard result.status == 0 else { throw Lab.Missing(description: "\(result)") }
        try FileManager.default.removeItem(atPath: file)
    }

    private func recipient() throws -> String {
        let text = try String(contentsOfFile: keys + "/age.txt", encoding: .utf8)
        return text.firstMatch(of: /age1[a-z0-9]+/).map { String($0.output) } ?? ""
    }

    /// An inline vault's lines, indented for the inventory.
    private func envelope(_ text: String) async throws -> String {
        let file = keys + "/inline"
        try Data(text.utf8).write(to: URL(filePath: file))
        _ = try await opsctl("secrets", "encrypt", file, "--format", "ansible-vault")
        return try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map { "      " + $0 }.joined(separator: "\n")
    }

    private static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }

    // MARK: The playbook

    /// The steps that can be made to fail with `-e fail=NAME`; the last ones fail because they are refused.
    static let failures = [
        "debug", "copy", "template", "shell", "uri", "address", "smoke", "loop", "push", "compose", "handler", "undefined",
        "argument", "number", "environment",
    ]

    private func writePlaybooks() {
        project.write("playbooks/secret.j2", "one: {{ app.template }}\n{{ app | to_nice_json }}\n{{ group_value | b64encode }}\n")
        project.write("playbooks/stack/compose.yml.j2", """
            services:
              web:
                image: lab/prometheus:lab
                user: '65534:65534'
                entrypoint: [sh, -c]
                command: ["cat /run/opsctl/password /etc/app/app.conf; cat /run/opsctl/password | base64 -w 0 >&2; {{ 'exit 1' if fail == 'compose' else 'exec sleep 600' }}"]
                volumes: ['./secrets/web:/run/opsctl:ro', './config:/etc/app:ro']
                x-opsctl: {config: [config, secrets/web]}

            """)
        project.write("playbooks/stack/config/app.conf.j2", "password = {{ app.password }}\n")
        project.write(
            "playbooks/deploy.yml",
            "- name: Deploy\n  hosts: all\n  become: true\n  steps:\n" + Self.indented(steps) + Self.handlers)
        project.write("playbooks/verify.yml", "- name: Verify\n  hosts: all\n  become: true\n  steps:\n" + Self.indented(checks))
        project.cleanUpContainers()
    }

    private static func indented(_ text: String) -> String {
        text.split(separator: "\n").map { "    \($0)\n" }.joined()
    }

    private static let handlers = """
          handlers:
            - name: Restart with {{ app.handler }}
              listen: restart
              shell: cat; exit {{ 3 if fail == 'handler' else 0 }}
              args: {stdin: "{{ app.handler }}"}

        """

    private var steps: String {
        """
        - name: Message {{ app.message }}
          debug: {msg: "{{ app.message }} and {{ app }} {{ whole.value }} {{ vaulted.value }} {{ inline }} {{ group_value }}"}
        - debug: {msg: "{{ app.lines | upper }} {{ app.lines | wordwrap(12) }} {{ app | to_nice_yaml | lower }} {{ app.pin | int + 0 }}"}
        - shell: cat; cat >&2 < /dev/null
          args: {stdin: "{{ app.lines | upper }}{{ app.pin | int }} {{ [app.pin | float] }}"}
        - assert: {that: [fail != 'debug', app.token != 'x'], fail_msg: "broken {{ app.message }} {{ inline | urlencode }}"}
        - set_fact: {derived: "{{ app.token | upper }} {{ app.token[2:14] }} {{ app.password | to_json }} {{ group_value | quote }}"}
        - file: {path: '{{ dir }}', state: directory, mode: '0755'}
        - copy: {content: "{{ app.password }}\\n{{ derived }}\\n", dest: "{{ '/proc/none' if fail == 'copy' else dir }}/copied", mode: '0400'}
          diff: true
        - template: {src: secret.j2, dest: "{{ '/proc/none' if fail == 'template' else dir }}/made", mode: '0400', owner: '65534'}
          diff: true
        - name: Echo
          shell: v=$(cat); echo "$v"; printf %s "x$v" | base64 -w 0; printf %s "$v" | od -An -v -tx1 | tr -d ' \\n'; echo "$v" >&2; exit {{ 3 if fail == 'shell' else 0 }}
          args: {stdin: "{{ app.stdin }} {{ derived }} {{ inline }}"}
          register: echoed
          notify: restart
        - debug: {msg: "{{ echoed.stdout | default('') }} {{ echoed }}"}
        - uri:
            url: http://10.77.0.12:8026/any
            method: POST
            headers: {Authorization: "Bearer {{ app.header }}"}
            url_username: "{{ app.basic }}"
            url_password: "{{ app.password }}"
            body: "{{ {'body': app.body} }}"
            body_format: json
            return_content: true
            status_code: "{{ 418 if fail == 'uri' else 200 }}"
        - uri: {url: "{{ app.url }}?token={{ app.token }}", method: POST, body: x, status_code: [200]}
        - uri: {url: "http://10.77.0.12:{{ 9 if fail == 'address' else 8026 }}/received?path=/{{ app.hook }}", timeout: 5s, return_content: true}
          register: received
        - debug: {var: received}
        - smoke: {url: "{{ app.url }}", method: POST, headers: {x-key: "{{ app.header }}"}, count: 2, expect: {status: "{{ 418 if fail == 'smoke' else 200 }}"}}
        - name: Loop
          assert: {that: [fail != 'loop'], fail_msg: "at {{ item }}"}
          loop: ["{{ app.label }}", "{{ app.token }}"]
          loop_control: {label: "label {{ item }}"}
        - push:
            src: stack
            dest: "{{ '/proc/none' if fail == 'push' else dir }}"
            files:
              - {pattern: 'secrets/**', owner: root, directory_mode: '0711'}
              - {pattern: 'secrets/web/**', owner: '65534'}
              - {pattern: config/app.conf, owner: '65534', mode: '0400'}
            secrets: {secrets/web/password: "{{ app.password }}", secrets/web/token: "{{ app.token }}"}
            delete: false
        - compose: {project_dir: '{{ dir }}', wait_timeout: 15s}
        - debug: {msg: "{{ app.nothing_like_it }}"}
          when: fail == 'undefined'
        - command: echo {{ app.token }}
          when: fail == 'argument'
        - command: echo {{ app.pin | int }}
          when: fail == 'number'
        - command: printenv TOKEN
          environment: {TOKEN: "{{ app.token if fail == 'environment' else '' }}"}
          when: fail == 'environment'
        - meta: flush_handlers
        """
    }

    private var checks: String {
        """
        - uri: {url: "{{ app.url }}", method: POST, body: "{{ app.body }}", headers: {x-key: "{{ app.header }}"}}
        - smoke: {url: "{{ app.url }}", method: POST, count: 2, expect: {status: 418}}
        - assert: {that: ["app.token == app.header"], fail_msg: "{{ app.token }} is not {{ app.header }}"}
        """
    }
}
