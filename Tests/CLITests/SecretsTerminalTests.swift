import Foundation
import Testing

/// Secrets at a terminal: prompts that don't echo, editors, ctrl-C.
struct SecretsTerminalTests {
    private let scratch: Scratch
    private let recipient: String
    private let file = "secrets/lab/smtp.yml"
    private let sentinel = "Sentinel-4711-typed"

    init() async throws {
        scratch = try Scratch([
            "inventory/lab.yml": Scratch.localInventory,
            "secrets.example/smtp.yml": "# How to use this example.\n\n# the account\nusername: someone\npassword: dummy\n",
        ])
        recipient = try #require(try await scratch.opsctl("secrets", "keygen").lines.first)
        try scratch.write("creation_rules:\n  - age: \(recipient)\n", to: ".sops.yaml")
    }

    private func view(_ key: String) async throws -> String {
        try await scratch.opsctl("secrets", "view", file, key).output
    }

    private func makeFile() async throws {
        let made = try await scratch.opsctl(
            "secrets", "init", "lab", "--values", "-", input: "smtp: {username: ann, password: \(sentinel)}\n")
        try #require(made.status == 0, "\(made)")
    }

    @Test func `keygen says what to do next`() async throws {
        let terminal = try Terminal("secrets", "keygen", "--output", "mine.txt", in: scratch)
        let (status, screen) = try await terminal.end()
        #expect(status == 0 && screen.contains("keep a copy of it") && screen.contains("opsctl secrets init ENV"), "\(screen)")
        #expect(!screen.contains("AGE-SECRET-KEY") && screen.contains("age1"))
    }

    @Test func `init asks for every key and shows no answer`() async throws {
        let terminal = try Terminal("secrets", "init", "lab", in: scratch)
        try await terminal.expect("smtp.username:")
        try await terminal.type("wrong\u{15}an\u{e9}\u{7F}n\n")
        try await terminal.expect("smtp.password (empty: generate):")
        try await terminal.type("\(sentinel)\n")
        let (status, screen) = try await terminal.end()
        #expect(status == 0 && screen.contains("written  \(file)") && !screen.contains(sentinel) && !screen.contains("wrong"), "\(screen)")
        #expect(try await view("username") == "ann\n")
        #expect(try await view("password") == "\(sentinel)\n")
        let plain = try await scratch.opsctl("secrets", "view", file).output
        #expect(plain.hasPrefix("# the account\nusername: ann\n"), "the example's own header is left out:\n\(plain)")
    }

    @Test func `an empty answer generates a password`() async throws {
        let terminal = try Terminal("secrets", "init", "lab", in: scratch)
        try await terminal.expect("smtp.username:")
        try await terminal.type("\n")
        try await terminal.expect("smtp.username:")
        try await terminal.type("ann\n")
        try await terminal.expect("generate):")
        try await terminal.type("\n")
        #expect(try await terminal.end().status == 0)
        #expect(try await view("password").count == 33)
    }

    @Test func `ctrl-C at a question leaves the terminal as it was and writes nothing`() async throws {
        try await makeFile()
        let before = try scratch.read(file)
        let command = "'\(Program.path)' secrets set \(file) password; echo \"status=$?\"; stty -a"
        let terminal = try Terminal(command, in: scratch)
        try await terminal.expect("Value of password:")
        try await terminal.type("\(sentinel)x\u{03}")
        try await terminal.expect("status=130")
        let (_, screen) = try await terminal.end()
        #expect(screen.contains(" echo ") && screen.contains(" icanon") && screen.contains("isig "), "\(screen)")
        #expect(!screen.contains(sentinel))
        #expect(try scratch.read(file) == before)
    }

    @Test func `an answer is taken whole or not at all`() async throws {
        try await makeFile()
        let long = String(repeating: "x", count: 5000)
        for (answer, length) in [(long, 5000), ("tab\tinside", 10), ("ends pasted\n", 11)] {
            let terminal = try Terminal("secrets", "set", file, "password", in: scratch)
            try await terminal.expect("Value of password:")
            try await terminal.type(answer + "\n")
            #expect(try await terminal.end().status == 0)
            #expect(try await view("password").utf8.count == length + 1)
        }
        let before = try scratch.read(file)
        let endless = String(repeating: "x", count: 20_000) + "\n"
        for (answer, reason) in [("\(sentinel)\nsecond line\n", "several lines"), (endless, "longer than")] {
            let terminal = try Terminal("secrets", "set", file, "password", in: scratch)
            try await terminal.expect("Value of password:")
            try await terminal.type(answer)
            let (status, screen) = try await terminal.end()
            #expect(status != 0 && screen.contains(reason) && screen.contains("standard input"), "\(screen)")
            #expect(!screen.contains(sentinel))
        }
        #expect(try scratch.read(file) == before)
    }

    @Test func `a wrong passphrase is asked for once, however many keys it locks`() async throws {
        var names: [String] = []
        for name in ["id", "id2"] {
            _ = try await scratch.tool("ssh-keygen", "-q", "-t", "ed25519", "-a", "1", "-N", sentinel, "-f", name)
            names.append(try scratch.read("\(name).pub").split(separator: " ").prefix(2).joined(separator: " "))
        }
        try scratch.write("a: b\n", to: "f.yml")
        #expect(try await scratch.opsctl("secrets", "encrypt", "f.yml", "--age", names[0], "--age", names[1]).status == 0)
        let terminal = try Terminal("secrets", "view", "f.yml", "--identity", "id", "--identity", "id2", in: scratch)
        try await terminal.expect("Passphrase for")
        try await terminal.type("wrong\n")
        let (status, screen) = try await terminal.end()
        #expect(status == 65 && screen.matches(of: /Passphrase for/).count == 1, "\(screen)")
    }

    @Test func `an editor at the terminal changes the file`() async throws {
        try await makeFile()
        try scratch.write("#!/bin/sh\nread -r answer < /dev/tty\nsed -i \"s/ann/$answer/\" \"$1\"\n", to: "editor")
        _ = try await scratch.tool("chmod", "+x", "editor")
        let terminal = try Terminal("secrets", "edit", file, in: scratch, environment: ["EDITOR": "./editor"])
        try await Task.sleep(for: .milliseconds(500))
        try await terminal.type("bob\n")
        let (status, screen) = try await terminal.end()
        #expect(status == 0 && screen.contains("\(file): changed"), "\(screen)")
        #expect(try await view("username") == "bob\n")
    }

    /// Ends an edit while the editor waits, and gives what was said and where text was kept, if it was.
    private func interruptedEdit(changing: Bool, _ end: (Terminal) async throws -> Void) async throws -> (
        status: Int32, screen: String, kept: String?
    ) {
        let change = changing ? "echo 'added: work' >> \"$1\"; " : ""
        try scratch.write("#!/bin/sh\n\(change)echo $PPID > parent\necho \"at $1\"\nsleep 30\n", to: "editor")
        _ = try await scratch.tool("chmod", "+x", "editor")
        let terminal = try Terminal("secrets", "edit", file, in: scratch, environment: ["EDITOR": "./editor"])
        try await terminal.expect("smtp.yml")
        let place = try #require(terminal.screen.firstMatch(of: /at (\/\S+)\/smtp\.yml/)).1
        try await end(terminal)
        let (status, screen) = try await terminal.end()
        let kept = FileManager.default.fileExists(atPath: String(place)) ? String(place) : nil
        return (status, screen, kept)
    }

    @Test func `ctrl-C in an editor keeps work and nothing else`() async throws {
        try await makeFile()
        let before = try scratch.read(file)
        let idle = try await interruptedEdit(changing: false) { try await $0.type("\u{03}") }
        #expect(idle.status == 130 && idle.kept == nil && idle.screen.contains("interrupted; \(file) is unchanged"), "\(idle)")
        let busy = try await interruptedEdit(changing: true) { try await $0.type("\u{03}") }
        let kept = try #require(busy.kept, "\(busy)")
        defer { try? FileManager.default.removeItem(atPath: kept) }
        #expect(
            busy.status == 130 && busy.screen.contains("your text is kept in \(kept)/smtp.yml")
                && !busy.screen.contains(sentinel), "\(busy)")
        #expect(try String(contentsOfFile: "\(kept)/smtp.yml", encoding: .utf8).contains("added: work"))
        #expect(try scratch.read(file) == before)
        // The way back that was named.
        let hint = try #require(busy.screen.firstMatch(of: /then: EDITOR='([^']+)'/)).1
        #expect(try await scratch.opsctl("secrets", "edit", file, environment: ["EDITOR": String(hint)]).status == 0)
        #expect(try await view("added") == "work\n")
    }

    @Test(arguments: [SIGTERM, SIGHUP])
    func `a program that is ended removes the plaintext, or says where it is`(_ number: Int32) async throws {
        try await makeFile()
        func end(_ terminal: Terminal) async throws {
            // The editor's parent is the shell that system(3) starts, or opsctl itself.
            var pid = try #require(Int32(try scratch.read("parent").trimmingCharacters(in: .whitespacesAndNewlines)))
            while try !name(of: pid).contains("opsctl") { pid = try parent(of: pid) }
            kill(pid, number)
        }
        let idle = try await interruptedEdit(changing: false, end)
        #expect(idle.kept == nil, "\(idle)")
        let busy = try await interruptedEdit(changing: true, end)
        let kept = try #require(busy.kept, "\(busy)")
        defer { try? FileManager.default.removeItem(atPath: kept) }
        #expect(busy.screen.contains("your text is kept in \(kept)/smtp.yml"), "\(busy)")
    }

    private func name(of pid: Int32) throws -> String { try String(contentsOfFile: "/proc/\(pid)/comm", encoding: .utf8) }

    private func parent(of pid: Int32) throws -> Int32 {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        return try #require(status.firstMatch(of: /PPid:\s+(\d+)/).flatMap { Int32($0.1) })
    }

    @Test func `a passphrase is asked for once in a run, however many files need it`() async throws {
        let made = try await scratch.tool("ssh-keygen", "-q", "-t", "ed25519", "-a", "1", "-N", sentinel, "-f", "id")
        #expect(made.status == 0, "\(made)")
        let key = try scratch.read("id.pub").split(separator: " ").prefix(2).joined(separator: " ")
        try scratch.write("creation_rules:\n  - age: \(key)\n", to: ".sops.yaml")
        for name in ["smtp", "grafana", "postgres"] {
            try scratch.write("username: ann\npassword: a-\(name)-password\n", to: "secrets/lab/\(name).yml")
            #expect(try await scratch.opsctl("secrets", "encrypt", "secrets/lab/\(name).yml").status == 0)
        }
        try scratch.write("- hosts: one\n  tasks: [{assert: {that: [smtp.password != grafana.password]}}]\n", to: "playbooks/site.yml")
        for words in [["run", "site", "lab"], ["secrets", "check", "lab"]] {
            let command = ([Program.path] + words + ["--identity", "id"]).joined(separator: " ")
            let terminal = try Terminal(command, in: scratch)
            try await terminal.expect("Passphrase for the SSH key id:")
            try await terminal.type("\(sentinel)\n")
            let (status, screen) = try await terminal.end()
            #expect(status == 0 && screen.matches(of: /Passphrase/).count == 1 && !screen.contains(sentinel), "\(words)\n\(screen)")
        }
        let wrong = try Terminal("secrets", "view", "secrets/lab/smtp.yml", "--identity", "id", in: scratch)
        try await wrong.expect("Passphrase")
        try await wrong.type("not-\(sentinel)\n")
        let (status, screen) = try await wrong.end()
        #expect(status == 65 && screen.contains("wrong passphrase for id") && !screen.contains(sentinel), "\(screen)")
    }

    @Test func `vault passwords are asked for by id`() async throws {
        try scratch.write("password: in-a-vault\n", to: "v.yml")
        try scratch.write("\(sentinel)\n", to: "pass")
        #expect(try await scratch.opsctl("secrets", "encrypt", "v.yml", "--format", "ansible-vault", "--vault-id", "prod@pass").status == 0)
        let terminal = try Terminal("secrets", "view", "v.yml", "--vault-id", "prod@prompt", in: scratch)
        try await terminal.expect("Password for the vault id 'prod':")
        try await terminal.type("\(sentinel)\n")
        let (status, screen) = try await terminal.end()
        #expect(status == 0 && screen.contains("password: in-a-vault") && !screen.contains(sentinel), "\(screen)")
        let mute = try await scratch.tool("setsid", "-w", Program.path, "secrets", "view", "v.yml", "--vault-id", "prod@prompt")
        #expect(
            mute.status == 65
                && mute.errors.contains("the vault password 'prod' is asked for, and there is no terminal to ask"), "\(mute)")
    }

    @Test func `a new passphrase is asked for twice`() async throws {
        try scratch.write("a: b\n", to: "f.yml")
        for (second, isSame) in [("other", false), (sentinel, true)] {
            let terminal = try Terminal("secrets", "encrypt", "f.yml", "--format", "age", "--passphrase", in: scratch)
            try await terminal.expect("New passphrase for f.yml:")
            try await terminal.type("\(sentinel)\n")
            try await terminal.expect("The same again:")
            try await terminal.type("\(second)\n")
            let (status, screen) = try await terminal.end(within: .seconds(120))
            #expect((status == 0) == isSame && !screen.contains(sentinel), "\(screen)")
            #expect(try scratch.read("f.yml").hasPrefix("-----BEGIN AGE") == isSame)
        }
        let mute = try await scratch.tool("setsid", "-w", Program.path, "secrets", "view", "f.yml")
        #expect(mute.status == 65 && mute.errors.contains("there is no terminal to ask for it"), "\(mute)")
    }
}
