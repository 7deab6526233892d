import Foundation
import Testing

/// Encrypted files by way of the commands; `age` is the judge where it can be.
struct SecretsTests {
    private let scratch: Scratch
    private let recipient: String

    /// A project with one identity, named in `.sops.yaml`.
    init() async throws {
        scratch = try Scratch(["inventory/lab.yml": Scratch.localInventory])
        recipient = try #require(try await scratch.opsctl("secrets", "keygen").lines.first)
        try scratch.write("creation_rules:\n  - age: \(recipient)\n", to: ".sops.yaml")
    }

    private func secrets(_ words: String..., input: String = "", environment: [String: String] = [:]) async throws -> Program.Result {
        try await scratch.opsctl(["secrets"] + words, input: input, environment: environment)
    }

    private let key = "home/.config/sops/age/keys.txt"

    @Test func `a key is private and never overwritten`() async throws {
        let mode = try FileManager.default.attributesOfItem(atPath: scratch.path(key))[.posixPermissions] as? Int
        #expect(mode == 0o600 && recipient.hasPrefix("age1"))
        let before = try scratch.read(key)
        let again = try await secrets("keygen")
        #expect(again.status == 65 && again.output.isEmpty && !again.errors.contains("AGE-SECRET-KEY"), "\(again)")
        #expect(try scratch.read(key) == before)
    }

    @Test(arguments: [
        ("f.yml", "# note\nuser: ann\nlist:\n    - one\n    - two\n"), ("f.json", "{\n\t\"user\": \"ann\"\n}\n"), ("f.env", "USER=ann\n"),
        ("f.ini", "[mail]\nuser = ann\n"),
    ])
    func `SOPS files come back as they were`(_ name: String, _ text: String) async throws {
        try scratch.write(text, to: name)
        #expect(try await secrets("encrypt", name).status == 0)
        let encrypted = try scratch.read(name)
        #expect(encrypted.contains("ENC[AES256_GCM,") && !encrypted.contains("ann"))
        #expect(try await secrets("view", name).output == text)
        let twice = try await secrets("encrypt", name)
        #expect(twice.status == 65 && twice.errors.contains("already encrypted"), "\(twice)")
        #expect(try scratch.read(name) == encrypted)
        #expect(try await secrets("decrypt", name).status == 0)
        #expect(try scratch.read(name) == text)
    }

    @Test func `a key that isn't there is told with the nearest, or with all`() async throws {
        try scratch.write("mail:\n    password: s3cret\nuser: ann\n", to: "f.yml")
        #expect(try await secrets("encrypt", "f.yml").status == 0)
        for (key, hint) in [("mail.pasword", "did you mean 'mail.password'?"), ("port", "it has: mail.password, user")] {
            let result = try await secrets("view", "f.yml", key)
            #expect(result.status == 65 && result.errors.contains("there is no '\(key)'") && result.errors.contains("hint: \(hint)"), "\(result)")
            #expect(!result.errors.contains("s3cret"))
        }
    }

    @Test func `age files are age's`() async throws {
        try scratch.write("user: ann\n", to: "f.yml")
        #expect(try await secrets("encrypt", "f.yml", "--format", "age").status == 0)
        #expect(try await scratch.tool("age", "--decrypt", "-i", key, "f.yml").output == "user: ann\n")
        #expect(try await secrets("view", "f.yml", "user").output == "ann\n")
        let foreign = try await scratch.tool("age", "--encrypt", "-r", recipient, "-o", "g.age", input: "pass: word\n")
        #expect(foreign.status == 0, "\(foreign)")
        #expect(try await secrets("decrypt", "g.age", "--output", "g.yml").status == 0)
        #expect(try scratch.read("g.yml") == "pass: word\n")
    }

    @Test func `vault files change password and format`() async throws {
        try scratch.write("user: ann\n", to: "f.yml")
        try scratch.write("first\n", to: "old")
        try scratch.write("second\n", to: "new")
        #expect(try await secrets("encrypt", "f.yml", "--format", "ansible-vault", "--vault-id", "prod@old").status == 0)
        #expect(try scratch.read("f.yml").hasPrefix("$ANSIBLE_VAULT;1.2;AES256;prod\n"))
        let rekeyed = try await secrets("rekey", "f.yml", "--vault-password-file", "old", "--new-vault-password-file", "new")
        #expect(rekeyed.status == 0, "\(rekeyed)")
        #expect(try await secrets("view", "f.yml", "--vault-password-file", "old").status == 65)
        #expect(try await secrets("migrate", "f.yml", "--format", "sops", "--vault-password-file", "new").status == 0)
        #expect(try await secrets("view", "f.yml", "user").output == "ann\n")
    }

    @Test func `setting one value leaves the other lines alone`() async throws {
        try scratch.write("user: ann\npassword: first-one\n", to: "f.yml")
        _ = try await secrets("encrypt", "f.yml")
        let before = try scratch.read("f.yml").split(separator: "\n")
        let set = try await secrets("set", "f.yml", "password", input: "second-one\n")
        #expect(set.status == 0 && !"\(set)".contains("second-one"), "\(set)")
        let after = try scratch.read("f.yml").split(separator: "\n")
        #expect(after[0] == before[0] && after[1] != before[1])
        #expect(try await secrets("view", "f.yml", "password").output == "second-one\n")
        #expect(try await secrets("set", "f.yml", "token", "--generate").status == 0)
        #expect(try await secrets("view", "f.yml", "token").output.count == 33)
        let none = try await secrets("set", "f.yml", "password")
        #expect(none.status == 64 && none.errors.contains("no value for 'password'"), "\(none)")
    }

    @Test func `recipients come and go`() async throws {
        try scratch.write("user: ann\n", to: "f.yml")
        _ = try await secrets("encrypt", "f.yml")
        let other = try #require(try await secrets("keygen", "--output", "other.txt").lines.first)
        let alone = ["HOME": scratch.path("nobody")]
        func opens() async throws -> Bool {
            try await secrets("view", "f.yml", "--identity", "other.txt", environment: alone).output == "user: ann\n"
        }
        #expect(try await !opens())
        #expect(try await secrets("rekey", "f.yml", "--add", other).status == 0)
        #expect(try await opens())
        #expect(try await secrets("rekey", "f.yml", "--remove", other).status == 0)
        #expect(try await !opens())
        let last = try await secrets("rekey", "f.yml", "--remove", recipient)
        #expect(last.status == 65 && last.errors.contains("nobody could open the file any more"), "\(last)")
    }

    /// Large enough that decrypting takes seconds.
    @Test(arguments: ["INT", "TERM", "HUP", "KILL"])
    func `an interrupted decryption leaves no plain text behind`(_ signal: String) async throws {
        let make = "head -c 150000000 /dev/zero | age --encrypt --recipient \(recipient) --output big.age"
        try #require(try await scratch.tool("sh", "-c", make).status == 0)
        let before = try FileManager.default.contentsOfDirectory(atPath: scratch.directory.path).sorted()
        let run = try await scratch.tool(
            "timeout", "--signal", signal, "0.6", Program.path, "secrets", "decrypt", "big.age", "--output", "big.tar")
        #expect(run.status != 0 && run.output.isEmpty, "\(run)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.directory.path).sorted() == before)
    }

    @Test func `plain text is readable for its owner only`() async throws {
        try scratch.write("user: ann\n", to: "f.yml")
        try scratch.write("old\n", to: "target.yml")
        _ = try await secrets("encrypt", "f.yml")
        _ = try await scratch.tool("chmod", "666", "f.yml", "target.yml")
        #expect(try await secrets("decrypt", "f.yml", "--output", "target.yml").status == 0)
        #expect(try await secrets("decrypt", "f.yml").status == 0)
        let modes = try ["f.yml", "target.yml"].map {
            try FileManager.default.attributesOfItem(atPath: scratch.path($0))[.posixPermissions] as? Int
        }
        #expect(modes == [0o600, 0o600])
    }

    @Test func `recipients of other kinds are never dropped`() async throws {
        try scratch.write("user: ann\n", to: "f.yml")
        _ = try await secrets("encrypt", "f.yml")
        let file = try scratch.read("f.yml")
        try scratch.write(file.replacing("sops:\n", with: "sops:\n    pgp:\n        - fp: ABCD\n          enc: x\n"), to: "f.yml")
        let mixed = try scratch.read("f.yml")
        let other = try #require(try await secrets("keygen", "--output", "other.txt").lines.first)
        let rekeyed = try await secrets("rekey", "f.yml", "--add", other)
        #expect(rekeyed.status == 65 && rekeyed.errors.contains("pgp"), "\(rekeyed)")
        #expect(try scratch.read("f.yml") == mixed)
        for kinds in ["kms: arn:aws:kms:x", "key_groups: [{age: [\(recipient)], hc_vault: [x]}]"] {
            try scratch.write("creation_rules:\n  - age: \(recipient)\n    \(kinds)\n", to: ".sops.yaml")
            try scratch.write("user: ann\n", to: "g.yml")
            let encrypted = try await secrets("encrypt", "g.yml")
            #expect(encrypted.status == 65 && encrypted.errors.contains("can't encrypt to"), "\(encrypted)")
            #expect(try scratch.read("g.yml") == "user: ann\n")
            #expect(try await secrets("encrypt", "g.yml", "--age", recipient).status == 0)
        }
    }

    @Test func `a vault keeps its id under a new password`() async throws {
        try scratch.write("user: ann\n", to: "f.yml")
        for name in ["old", "new"] { try scratch.write(name, to: name) }
        _ = try await secrets("encrypt", "f.yml", "--format", "ansible-vault", "--vault-id", "prod@old")
        #expect(try await secrets("rekey", "f.yml", "--vault-id", "prod@old", "--new-vault-password-file", "new").status == 0)
        #expect(try scratch.read("f.yml").hasPrefix("$ANSIBLE_VAULT;1.2;AES256;prod\n"))
        #expect(try await secrets("view", "f.yml", "--vault-id", "prod@new").output == "user: ann\n")
    }

    @Test func `inline vault values are pointed to migrate`() async throws {
        try scratch.write("a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\n", to: "f.yml")
        let result = try await secrets("encrypt", "f.yml")
        #expect(result.status == 65 && result.errors.contains("opsctl secrets migrate f.yml --format sops"), "\(result)")
    }

    @Test func `a locked key doesn't keep another from opening a file`() async throws {
        _ = try await scratch.tool("ssh-keygen", "-q", "-t", "ed25519", "-a", "1", "-N", "phrase", "-f", "id")
        let locked = try scratch.read("id.pub").split(separator: " ").prefix(2).joined(separator: " ")
        try scratch.write("user: ann\n", to: "f.yml")
        try scratch.write("user: ann\n", to: "g.yml")
        #expect(try await secrets("encrypt", "f.yml", "--format", "age", "--age", locked, "--age", recipient).status == 0)
        #expect(try await secrets("encrypt", "g.yml", "--format", "age", "--age", locked).status == 0)
        let words = ["setsid", "-w", Program.path, "secrets", "view"]
        let opened = try await Program.run(
            words + ["f.yml", "--identity", "id"], program: "/usr/bin/env", in: scratch.directory, environment: scratch.environment)
        #expect(opened.output == "user: ann\n", "\(opened)")
        let refused = try await Program.run(
            words + ["g.yml", "--identity", "id"], program: "/usr/bin/env", in: scratch.directory, environment: scratch.environment)
        #expect(refused.status == 65 && refused.errors.contains("no terminal to ask"), "\(refused)")
    }

    @Test func `values come from standard input without their last line end, and in UTF-8 only`() async throws {
        try scratch.write("a: x\n", to: "f.yml")
        _ = try await secrets("encrypt", "f.yml")
        for (input, length) in [("two\nlines\n", 9), ("dos\r\n", 3), ("dos\r\nlines\r\n\r\n", 12)] {
            #expect(try await secrets("set", "f.yml", "a", input: input).status == 0)
            #expect(try await secrets("view", "f.yml", "a").output.utf8.count == length + 1, "\(input.debugDescription)")
        }
        let bad = try await scratch.tool("sh", "-c", "printf '\\377\\376' | '\(Program.path)' secrets set f.yml a")
        #expect(bad.status == 64 && bad.errors.contains("not UTF-8"), "\(bad)")
    }

    @Test func `what is wrong is told apart, without content`() async throws {
        try scratch.write("password: sentinel-value\n", to: "f.yml")
        let plain = try await secrets("view", "f.yml")
        _ = try await secrets("encrypt", "f.yml")
        let good = try scratch.read("f.yml")
        let noKey = try await secrets("view", "f.yml", environment: ["HOME": scratch.path("nobody")])
        try scratch.write(good.replacing("lastmodified: \"20", with: "lastmodified: \"19"), to: "f.yml")
        let wrongMAC = try await secrets("view", "f.yml")
        try scratch.write(String(good.prefix(good.count / 2)), to: "f.yml")
        let truncated = try await secrets("view", "f.yml")
        try scratch.write("password: [sentinel-value\n", to: "broken.yml")
        let broken = try await secrets("encrypt", "broken.yml")
        let all = [plain, noKey, wrongMAC, truncated, broken]
        for result in all { #expect(result.status == 65 && result.output.isEmpty && !"\(result)".contains("sentinel"), "\(result)") }
        #expect(plain.errors.contains("opsctl secrets encrypt f.yml"))
        #expect(noKey.errors.contains("no identity for this file: its recipients are \(recipient)"))
        #expect(Set(all.map { $0.errors.split(separator: "\n").first ?? "" }).count == all.count, "\(all)")
    }
}
