import Foundation
import Testing

/// The drivers and the hook in real git repositories, enabled by the lines that the help and the documentation name.
struct SecretsGitTests {
    private let scratch: Scratch
    private let recipient: String
    private let file = "secrets/lab/smtp.yml"
    private let sentinel = "Sentinel-4711-git"

    /// A repository with one encrypted file, committed, on the branch `main`.
    init() async throws {
        scratch = try Scratch(["inventory/lab.yml": Scratch.localInventory, ".gitignore": "/home\n/bin\n/other.txt\n"])
        recipient = try #require(try await scratch.opsctl("secrets", "keygen").lines.first)
        try scratch.write("creation_rules:\n  - age: \(recipient)\n", to: ".sops.yaml")
        try scratch.write("# mail\nusername: ann\npassword: \(sentinel)-1\nserver: mail.example\nport: 2525\n", to: file)
        #expect(try await scratch.opsctl("secrets", "encrypt", file).status == 0)
        try FileManager.default.createDirectory(atPath: scratch.path("bin"), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: scratch.path("bin/opsctl"), withDestinationPath: Program.path)
        for words in ["init -q -b main", "config user.name Ann", "config user.email ann@example.com"] { try await git(words) }
        let help = try await scratch.opsctl("secrets", "merge", "--help").output + scratch.opsctl("secrets", "textconv", "--help").output
        let attributes = try #require(help.firstMatch(of: /echo '([^']+)' >> \.gitattributes/)).1
        try scratch.write(attributes + "\n", to: ".gitattributes")
        for setting in help.matches(of: /git config (\S+) '([^']+)'/) {
            _ = try await run("git", "config", String(setting.1), String(setting.2))
        }
        try await commit("first")
    }

    private func run(_ words: String...) async throws -> Program.Result {
        try await Program.run(
            words, program: "/usr/bin/env", in: scratch.directory,
            environment: scratch.environment.merging(["PATH": scratch.path("bin") + ":" + (scratch.environment["PATH"] ?? "")]) { $1 })
    }

    @discardableResult
    private func git(_ words: String, succeeds: Bool = true) async throws -> Program.Result {
        let result = try await Program.run(
            ["git"] + words.split(separator: " ").map(String.init), program: "/usr/bin/env", in: scratch.directory,
            environment: scratch.environment.merging(["PATH": scratch.path("bin") + ":" + (scratch.environment["PATH"] ?? "")]) { $1 })
        #expect((result.status == 0) == succeeds, "git \(words): \(result)")
        return result
    }

    private func commit(_ message: String) async throws {
        try await git("add -A")
        try await git("commit -q -m \(message)")
    }

    private func set(_ key: String, _ value: String) async throws { try await secrets("set", file, key, input: value) }

    private func secrets(_ words: String..., input: String = "") async throws {
        let result = try await scratch.opsctl(["secrets"] + words, input: input)
        #expect(result.status == 0, "\(words): \(result)")
    }

    /// Two branches that each change something, `theirs` and `main`, the latter checked out.
    private func diverge(theirs: () async throws -> Void, ours: () async throws -> Void) async throws {
        try await git("checkout -q -b theirs")
        try await theirs()
        try await commit("theirs")
        try await git("checkout -q main")
        try await ours()
        try await commit("ours")
    }

    private func view(_ key: String) async throws -> String { try await scratch.opsctl("secrets", "view", file, key).output }

    @Test func `a merge takes both sides' changes`() async throws {
        let before = try scratch.read(file).split(separator: "\n")
        try await diverge {
            try await set("password", "\(sentinel)-theirs")
            try await set("token", "\(sentinel)-added")
        } ours: {
            try await set("username", "bob")
        }
        let merged = try await git("merge -q -m merged theirs")
        #expect(!"\(merged)".contains(sentinel))
        #expect(try await scratch.opsctl("secrets", "view", file).output == """
            # mail
            username: bob
            password: \(sentinel)-theirs
            server: mail.example
            port: 2525
            token: \(sentinel)-added

            """)
        let after = try scratch.read(file).split(separator: "\n")
        #expect(after[3] == before[3] && after[4] == before[4], "what nobody changed keeps its ciphertext")
        #expect(try await scratch.opsctl("secrets", "check", "lab").status == 0)
    }

    @Test func `a conflict names the key and leaves a file that opens`() async throws {
        try await diverge { try await set("password", "\(sentinel)-theirs") } ours: { try await set("password", "\(sentinel)-ours") }
        let ours = try scratch.read(file)
        let merge = try await git("merge -q -m merged theirs", succeeds: false)
        #expect("\(merge)".contains("\(file):1:1: error: both sides changed: password") && !"\(merge)".contains(sentinel), "\(merge)")
        #expect(try await git("status --short").output.contains("UU \(file)"))
        #expect(try scratch.read(file) == ours)
        try await set("password", "\(sentinel)-agreed")
        try await commit("agreed")
        #expect(try await view("password") == "\(sentinel)-agreed\n")
    }

    @Test func `a recipient that one side added can open the merged file`() async throws {
        let other = try #require(try await scratch.opsctl("secrets", "keygen", "--output", "other.txt").lines.first)
        try await diverge {
            try await secrets("rekey", file, "--add", other)
        } ours: {
            try await set("password", "\(sentinel)-ours")
        }
        try await git("merge -q -m merged theirs")
        let alone = ["HOME": scratch.path("nobody")]
        let opened = try await scratch.opsctl("secrets", "view", file, "password", "--identity", "other.txt", environment: alone)
        #expect(opened.output == "\(sentinel)-ours\n", "\(opened)")
        #expect(try await view("password") == "\(sentinel)-ours\n")
    }

    @Test func `rebasing and adding on both sides work as merging does`() async throws {
        try await diverge {
            try scratch.write("a: from-theirs\n", to: "secrets/lab/new.yml")
            try await secrets("encrypt", "secrets/lab/new.yml")
            try await set("password", "\(sentinel)-theirs")
        } ours: {
            try await set("username", "bob")
        }
        try await git("rebase -q theirs")
        #expect(try await view("username") == "bob\n")
        #expect(try await view("password") == "\(sentinel)-theirs\n")
        #expect(try await scratch.opsctl("secrets", "view", "secrets/lab/new.yml", "a").output == "from-theirs\n")
    }

    @Test func `diff and log show which value changed, never the value`() async throws {
        try await set("password", "\(sentinel)-2")
        let diff = try await git("diff --no-color")
        let changed = diff.lines.filter { ($0.hasPrefix("+") || $0.hasPrefix("-")) && !$0.hasPrefix("+++") && !$0.hasPrefix("---") }
        #expect(changed.count == 2 && changed.allSatisfy { $0.contains(/^[+-]password = ••• [0-9a-f]{8}$/) }, "\(diff)")
        try await commit("second")
        let log = try await git("log -p --no-color")
        #expect(log.output.contains("+password = •••") && !log.output.contains(sentinel) && !log.output.contains("ENC["), "\(log)")
    }

    @Test func `the hook lets nothing plain through by its name, its first line or its absence`() async throws {
        try scratch.write(try await scratch.opsctl("secrets", "check", "--hook").output, to: ".git/hooks/pre-commit")
        _ = try await scratch.tool("chmod", "+x", ".git/hooks/pre-commit")
        try scratch.write("creation_rules:\n  - path_regex: ^deploy/\n    age: \(recipient)\n  - age: \(recipient)\n", to: ".sops.yaml")
        let files = [
            "secrets/lab/README.env": "PASSWORD=x", "secrets/lab/.gitlab": "token", ".env": "PASSWORD=x", "deploy/db.yml": "password: x",
            "secrets/lab/vault": "$ANSIBLE_VAULT;1.1;AES256\npassword: x", "inventory/group_vars/all/vault.yml": "smtp_password: x",
        ]
        for (path, text) in files {
            try scratch.write(text + "\n", to: path)
            try await git("add \(path)")
            let refused = try await git("commit -q -m plain", succeeds: false)
            #expect(refused.errors.contains("\(path):"), "\(path) \(refused)")
            try await git("rm -q -f --cached \(path)")
        }
        // What git has lost can't be looked at.
        try scratch.write("a: b\n", to: "secrets/lab/lost.yml")
        try await git("add secrets/lab/lost.yml")
        let object = try await git("rev-parse :secrets/lab/lost.yml").output.trimmingCharacters(in: .whitespacesAndNewlines)
        try FileManager.default.removeItem(atPath: scratch.path(".git/objects/\(object.prefix(2))/\(object.dropFirst(2))"))
        let lost = try await scratch.opsctl("secrets", "check", "--staged")
        #expect(lost.status != 0 && lost.errors.contains("git can't show what is staged"), "\(lost)")
    }

    @Test func `the hook refuses plain secrets and private keys`() async throws {
        let hook = try await scratch.opsctl("secrets", "check", "--hook")
        try scratch.write(hook.output, to: ".git/hooks/pre-commit")
        _ = try await scratch.tool("chmod", "+x", ".git/hooks/pre-commit")
        try scratch.write("password: \(sentinel)\n", to: "secrets/lab/plain.yml")
        try await git("add -A")
        let refused = try await git("commit -q -m plain", succeeds: false)
        #expect(
            refused.errors.contains("secrets/lab/plain.yml:1:1: error: the file is not encrypted")
                && !"\(refused)".contains(sentinel), "\(refused)")
        #expect(try await scratch.opsctl("secrets", "encrypt", "secrets/lab/plain.yml").status == 0)
        try await commit("encrypted")
        // Encrypted in the working tree is not enough: what is staged counts.
        try scratch.write("password: \(sentinel)\n", to: "secrets/lab/late.yml")
        try await git("add secrets/lab/late.yml")
        #expect(try await scratch.opsctl("secrets", "encrypt", "secrets/lab/late.yml").status == 0)
        try await git("commit -q -m late", succeeds: false)
        try await git("add secrets/lab/late.yml")
        _ = try await scratch.opsctl("secrets", "keygen", "--output", "key.txt")
        try await git("add key.txt")
        let key = try await git("commit -q -m key", succeeds: false)
        #expect(key.errors.contains("key.txt:1:1: error: the file holds a private key"), "\(key)")
    }
}
