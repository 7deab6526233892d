import Foundation
import OpsCore
import Testing

@testable import OpsSecrets

/// What is behind `opsctl secrets ...`.
struct SecretCommandTests {
    let key = TestKey()
    let password = VaultPassword(Secret("pw"))
    var keyring: SecretKeyring { SecretKeyring(identities: [key.identity], passwords: [password]) }
    var encryption: SecretEncryption { SecretEncryption(recipients: [key.recipient]) }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private func encrypted(_ text: String) throws -> [UInt8] { try encryption.encrypt(bytes(text), file: "f.yml") }

    private func plain(_ file: [UInt8]) throws -> String {
        String(decoding: try SecretDocument(file, file: "f.yml", keyring: keyring).plaintext, as: UTF8.self)
    }

    @Test func `keygen makes a key that age reads, and never overwrites one`() throws {
        try withScratch { directory in
            let path = directory.appending(path: "sops/age/keys.txt").path
            let recipient = try SecretKeygen.create(at: path)
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(try Judge.run(["age-keygen", "-y", path]).text == recipient + "\n")
            let before = try Data(contentsOf: URL(filePath: path))
            #expect(throws: Diagnostic.self) { try SecretKeygen.create(at: path) }
            #expect(try Data(contentsOf: URL(filePath: path)) == before)
        }
    }

    @Test(arguments: [8, 20, 32, 4096])
    func `generated passwords satisfy the strongest policy and need no quoting`(_ length: Int) throws {
        let passwords = try (0..<50).map { _ in try SecretGenerator.password(length: length).reveal { $0 } }
        #expect(Set(passwords).count == 50)
        for password in passwords {
            #expect(password.count == length)
            // Grafana's: upper case, lower case, digit, symbol.
            let classes: [(Character) -> Bool] = [\.isUppercase, \.isLowercase, \.isNumber, { "-_.".contains($0) }]
            #expect(classes.allSatisfy { password.contains(where: $0) }, "\(password)")
            // Plain in YAML, a URL and a shell, wherever it stands.
            #expect(password.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9]/) != nil, "\(password)")
        }
        #expect(length < 4096 || Set(passwords.joined()).count == 65)
    }

    @Test func `passwords of absurd lengths are refused`() {
        for length in [0, 7, 4097] { #expect(throws: Diagnostic.self) { try SecretGenerator.password(length: length) } }
    }

    @Test func `diff names keys, not values`() throws {
        let old: Value = ["a": .secret(Secret("1")), "b": ["c": .secret(Secret("2")), "d": .secret(Secret("3"))]]
        let new: Value = ["a": .secret(Secret("1")), "b": ["c": .secret(Secret("9")), "e": .list([])]]
        #expect(
            SecretDiff.changes(from: old, to: new) == [
                SecretDiff.Change(path: "b.c", kind: .changed), SecretDiff.Change(path: "b.e", kind: .added),
                SecretDiff.Change(path: "b.d", kind: .removed),
            ])
        #expect(SecretDiff.changes(from: .map([:]), to: ["a": .map([:])]) == [SecretDiff.Change(path: "a", kind: .added)])
    }

    @Test func `textconv shows which value changed`() throws {
        let one = try encrypted("a: first\nb: second\nport_unencrypted: 25\n")
        let two = try SecretDocument(one, file: "f", keyring: keyring).setting(["b"], to: Secret("third"))
        let texts = try [one, two].map {
            try SecretTextconv.text($0, file: "f", keyring: keyring).split(separator: "\n")
        }
        #expect(texts[0][0] == texts[1][0] && texts[0][1] != texts[1][1])
        #expect(texts[0][2] == "port_unencrypted = 25")
        #expect(texts[0][0].hasPrefix("a = ••• ") && !texts.joined().contains { $0.contains("first") })
        let other = try SecretTextconv.text(one, file: "f", keyring: SecretKeyring(identities: [key.identity]))
        #expect(other != texts[0].joined(separator: "\n") + "\n", "fingerprints depend on the reader's keys")
        #expect(try SecretTextconv.text(bytes("x: y\n"), file: "f", keyring: keyring) == "x: y\n")
    }

    @Test(arguments: ["ed25519", "rsa"])
    func `fingerprints stay the same with SSH keys alone, locked or not`(_ kind: String) throws {
        try withScratch { directory in
            let path = directory.appending(path: "id").path
            for phrase in ["", "open sesame"] {
                try? FileManager.default.removeItem(atPath: path)
                #expect(try Judge.run(["ssh-keygen", "-q", "-t", kind, "-a", "1", "-N", phrase, "-f", path]).status == 0)
                let recipient = try AgeRecipients.parse(String(contentsOfFile: path + ".pub", encoding: .utf8))
                let file = try SecretEncryption(recipients: [recipient]).encrypt(bytes("a: first\n"), file: "f.yml")
                let texts = try (0..<2).map { _ in
                    let keyring = try SecretKeyring.load(environment: [:], home: directory.path, files: [path]) { _ in Secret(phrase) }
                    return try SecretTextconv.text(file, file: "f", keyring: keyring)
                }
                #expect(texts[0] == texts[1] && texts[0].hasPrefix("a = •••"))
            }
        }
    }

    @Test func `halves of one value are never joined`() throws {
        let base = try encrypted("key: |\n    one\n    two\n    three\n    four\nother: x\n")
        let document = try SecretDocument(base, file: "f", keyring: keyring)
        func edited(_ old: String, _ new: String) throws -> [UInt8] {
            try document.replacing(plaintext: bytes(String(decoding: document.plaintext, as: UTF8.self).replacing(old, with: new)))
        }
        let error = #expect(throws: Diagnostic.self) {
            try SecretMerge.merge(base: base, ours: edited("one", "1"), theirs: edited("four", "4"), file: "f", keyring: keyring)
        }
        #expect(error?.code == "secret-merge-conflict" && error?.message == "both sides changed: key")
        let merged = try SecretMerge.merge(base: base, ours: edited("one", "1"), theirs: edited("x", "z"), file: "f", keyring: keyring)
        #expect(try plain(merged) == "key: |\n    1\n    two\n    three\n    four\nother: z\n")
        // A file that isn't made of values, encrypted as a whole.
        func vault(_ text: String) throws -> [UInt8] { try bytes(AnsibleVault(passwords: []).encrypt(bytes(text), with: password)) }
        #expect(throws: Diagnostic.self) {
            try SecretMerge.merge(
                base: vault("one\ntwo\nthree\n"), ours: vault("1\ntwo\nthree\n"), theirs: vault("one\ntwo\n3\n"), file: "f", keyring: keyring)
        }
    }

    @Test func `aliases that nest without end are refused`() throws {
        let chain = "a0: &a0 [x]\n" + (1..<20_000).map { "a\($0): &a\($0) [*a\($0 - 1)]\n" }.joined()
        for text in [chain, String(repeating: "- ", count: 50_000) + "x\n", String(repeating: "[", count: 50_000)] {
            let vault = try bytes(AnsibleVault(passwords: []).encrypt(bytes(text), with: password))
            #expect(throws: Diagnostic.self) { try SecretFile.value(of: vault, file: "f", keyring: keyring) }
            #expect(throws: Diagnostic.self) { try InlineVault.decrypting(bytes(text + "z: !vault x\n"), file: "f", keyring: keyring) }
        }
        // As deep as may be: it is walked and released without running out of stack.
        let deep = "a0: &a0 [x]\n" + (1..<480).map { "a\($0): &a\($0) [*a\($0 - 1)]\n" }.joined()
        let vault = try bytes(AnsibleVault(passwords: []).encrypt(bytes(deep), with: password))
        _ = try? SecretFile.value(of: vault, file: "f", keyring: keyring)
    }

    @Test func `merging takes both sides' changes and keeps ciphertexts`() throws {
        let base = try encrypted("# head\na: one\nb: two\nc: three\n")
        let document = try SecretDocument(base, file: "f", keyring: keyring)
        let ours = try document.setting(["a"], to: Secret("ours"))
        let theirs = try SecretDocument(document.setting(["c"], to: Secret("theirs")), file: "f", keyring: keyring)
            .setting(["d"], to: Secret("added"))
        let merged = try SecretMerge.merge(base: base, ours: ours, theirs: theirs, file: "f", keyring: keyring)
        #expect(try plain(merged) == "# head\na: ours\nb: two\nc: theirs\nd: added\n")
        let untouched = String(decoding: base, as: UTF8.self).split(separator: "\n")[2]
        #expect(String(decoding: merged, as: UTF8.self).contains(untouched))
    }

    @Test func `neighbouring values changed on the two sides don't conflict`() throws {
        let base = try encrypted("a: one\nb: two\nc: three\nd: four\n")
        let document = try SecretDocument(base, file: "f", keyring: keyring)
        let ours = try document.setting(["a"], to: Secret("ours"))
        let theirs = try SecretDocument(document.setting(["b"], to: Secret("theirs")), file: "f", keyring: keyring)
            .setting(["d"], to: Secret("theirs"))
        let merged = try SecretMerge.merge(base: base, ours: ours, theirs: theirs, file: "f", keyring: keyring)
        #expect(try plain(merged) == "a: ours\nb: theirs\nc: three\nd: theirs\n")
        let both = try SecretDocument(theirs, file: "f", keyring: keyring).setting(["a"], to: Secret("also"))
        let error = #expect(throws: Diagnostic.self) {
            try SecretMerge.merge(base: base, ours: ours, theirs: both, file: "f", keyring: keyring)
        }
        #expect(error?.message == "both sides changed: a")
    }

    @Test func `a conflict names its keys and leaves our file alone`() throws {
        let base = try encrypted("a: one\nb: two\nc: three\n")
        let document = try SecretDocument(base, file: "f", keyring: keyring)
        let ours = try document.setting(["b"], to: Secret("mine-x"))
        let theirs = try document.setting(["b"], to: Secret("other-x"))
        let error = #expect(throws: Diagnostic.self) {
            try SecretMerge.merge(base: base, ours: ours, theirs: theirs, file: "f", keyring: keyring)
        }
        #expect(error?.message == "both sides changed: b")
        #expect(!"\(String(describing: error))".contains("-x"))
    }

    @Test func `a recipient added on one side is kept by a merge`() throws {
        let base = try encrypted("a: one\nb: two\n")
        let document = try SecretDocument(base, file: "f", keyring: keyring)
        let new = TestKey()
        let theirs = try document.rekeyed(to: [key.recipient, new.recipient])
        let ours = try document.setting(["b"], to: Secret("changed"))
        let merged = try SecretMerge.merge(base: base, ours: ours, theirs: theirs, file: "f", keyring: keyring)
        let value = try SecretFile.value(of: merged, file: "f", keyring: new.keyring)
        #expect(value["b"]?.revealed == "changed")
    }

    @Test func `files migrate from Ansible Vault to SOPS and back`() throws {
        let text = "# note\nuser: ann\npassword: s3cret\n"
        let vault = try bytes(AnsibleVault(passwords: []).encrypt(bytes(text), with: password))
        let sops = try SecretMigration.toSops(vault, file: "f.yml", keyring: keyring, encryption: encryption)
        #expect(SecretFile.detect(sops) == .sopsYAML)
        #expect(try plain(sops) == text)
        let back = try SecretMigration.toVault(sops, file: "f.yml", keyring: keyring, password: password)
        #expect(try plain(back) == text)
        let inline = try bytes(
            "user: ann\npassword: \(InlineVault.encrypt(Secret("s3cret"), with: password, indent: 4))")
        let migrated = try SecretMigration.toSops(inline, file: "f.yml", keyring: keyring, encryption: encryption)
        #expect(
            try plain(migrated) == "user: ann\npassword: \"s3cret\"\n"
                || plain(migrated) == "user: ann\npassword: s3cret\n")
        let error = #expect(throws: Diagnostic.self) {
            try SecretMigration.toSops(bytes("a: b\n"), file: "f.yml", keyring: keyring, encryption: encryption)
        }
        #expect(error?.code == "secret-plain")
    }

    @Test func `a broken edit never replaces a good file`() throws {
        for file in [
            try encrypted("a: b\n"), try SecretEncryption(.vault(password)).encrypt(bytes("a: b\n"), file: "f"),
            try SecretEncryption(.age, recipients: [key.recipient]).encrypt(bytes("a: b\n"), file: "f"),
        ] {
            let document = try SecretDocument(file, file: "f", keyring: keyring)
            for broken in ["a: [", "a: b\n c: d: e\n", "a: 1\na: 2\n", "\"a"] {
                #expect(throws: (any Error).self) {
                    try document.replacing(plaintext: bytes(broken), recipients: [key.recipient])
                }
            }
            let changed = try document.replacing(plaintext: bytes("a: c\n"), recipients: [key.recipient])
            #expect(try plain(changed) == "a: c\n")
            #expect(try document.replacing(plaintext: document.plaintext) == file)
        }
    }

    @Test func `weak, default and missing secrets are found without showing them`() {
        let value: Value = [
            "admin_password": .secret(Secret("only-fifteen-ch")), "smtp_password": .secret(Secret("changeme")),
            "api_token": .secret(Secret("short")), "user": .secret(Secret("ann")), "empty": "",
        ]
        let weak = SecretCheck.weak(value, file: "secrets/lab/grafana.yml")
        #expect(weak.map(\.severity) == [.error, .error, .warning])
        #expect(!weak.contains { "\($0)".contains("changeme") || "\($0)".contains("fifteen") })
        let missing = SecretCheck.missing(["smtp_passwort", "user", "empty"].map { SecretCheck.Requirement($0) }, in: value, file: "f")
        #expect(missing.map(\.message) == ["the secret 'smtp_passwort' is missing", "the secret 'empty' is empty"])
        #expect(missing[0].hints[0] == "did you mean 'smtp_password'?")
    }

    @Test func `the commit hook refuses plain secrets and private keys`() throws {
        func codes(_ path: String, _ content: [UInt8]) -> [String] {
            SecretCommitCheck.findings(content, path: path).map(\.code)
        }
        let file = try encrypted("a: one\nb: two\n")
        #expect(codes("secrets/prod/smtp.yml", file).isEmpty)
        #expect(codes("secrets/prod/smtp.yml", bytes("a: b\n")) == ["secret-plain"])
        #expect(codes("secrets.example/smtp.yml", bytes("a: b\n")).isEmpty)
        #expect(codes("secrets/README.md", bytes("about\n")).isEmpty)
        let lines = String(decoding: file, as: UTF8.self).split(separator: "\n")
        let half = "a: plain\n" + lines.dropFirst().joined(separator: "\n")
        #expect(codes("secrets/smtp.yml", bytes(half)) == ["secret-plain-value"])
        #expect(
            codes("notes.txt", key.identity.revealText { bytes("my key:\n" + $0 + "\n") }) == ["secret-private-key"])
    }

    @Test func `recipients and rules come from the SOPS configuration`() throws {
        try withScratch { directory in
            let other = TestKey()
            let config = """
                creation_rules:
                  - path_regex: prod/.*\\.yml$
                    age: >-
                      \(key.recipient.name),
                      \(other.recipient.name)
                    encrypted_regex: ^password$
                  - age: [\(other.recipient.name)]
                """
            try Data(config.utf8).write(to: directory.appending(path: SopsConfig.fileName))
            let path = directory.appending(path: "prod/smtp.yml").path
            let found = try #require(try SopsConfig.find(for: path))
            let encryption = try SecretEncryption.configured(for: path, config: found)
            let file = try encryption.encrypt(bytes("user: ann\npassword: x\n"), file: path)
            #expect(String(decoding: file, as: UTF8.self).hasPrefix("user: ann\npassword: ENC["))
            #expect(try SopsFile(file, file: "f", keyring: other.keyring).recipients.count == 2)
            let elsewhere = directory.appending(path: "lab/x.yml").path
            #expect(found.rule(for: elsewhere)?.recipients == [other.recipient.name])
            #expect(throws: Diagnostic.self) { try SecretEncryption.configured(for: path, config: nil) }
            #expect(throws: Diagnostic.self) {
                try SecretEncryption.configured(for: path, recipients: ["age1pq1xyz"], config: nil)
            }
            let broken = "creation_rules:\n  - path_regx: x\n    encrypted_regex: a\n    unencrypted_regex: b\n"
            let error = #expect(throws: DiagnosticError.self) { try SopsConfig(bytes(broken), file: "/x/.sops.yaml") }
            #expect(error?.diagnostics.count == 2)
        }
    }

    @Test func `large files go through age in pieces, and appear only when complete`() throws {
        try withScratch { directory in
            func path(_ name: String) -> String { directory.appending(path: name).path }
            let (source, sealed, back) = (path("plain"), path("sealed"), path("back"))
            let plain = Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
            try plain.write(to: URL(filePath: source))
            try AgeFile.encrypt(source, to: sealed, recipients: [key.recipient], armored: true)
            try AgeFile.decrypt(sealed, to: back, keyring: keyring)
            #expect(try Data(contentsOf: URL(filePath: back)) == plain)
            try Data(contentsOf: URL(filePath: sealed)).dropLast(100_000).write(to: URL(filePath: sealed))
            #expect(throws: Diagnostic.self) { try AgeFile.decrypt(sealed, to: path("cut"), keyring: keyring) }
            #expect(
                Set(try FileManager.default.contentsOfDirectory(atPath: directory.path)) == ["plain", "sealed", "back"])
        }
    }

    @Test func `paths name keys and positions`() {
        let value: Value = ["a.b": ["c": .list(["x", ["d": 1]])], "0": "zero"]
        #expect(SecretPath.parse(#"a\.b.c.1.d"#) == ["a.b", "c", "1", "d"])
        #expect(SecretPath.value(at: ["a.b", "c", "1", "d"], in: value) == 1)
        #expect(SecretPath.value(at: ["0"], in: value) == "zero")
        #expect(SecretPath.value(at: ["a.b", "c", "2"], in: value) == nil)
    }

    @Test func `an editor's file is private and leaves nothing behind`() throws {
        let scratch = try SecretScratch()
        let file = try scratch.add(bytes("secret"), name: "../smtp.yml")
        #expect(file == scratch.path + "/smtp.yml")
        for (path, mode) in [(scratch.path, 0o700), (file, 0o600)] {
            #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == mode)
        }
        scratch.remove()
        #expect(!FileManager.default.fileExists(atPath: scratch.path))
    }

    @Test func `aliases can't make a small file endless`() throws {
        var lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
        for level in 1..<12 {
            lines.append(
                "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", "))]")
        }
        let text = bytes(lines.joined(separator: "\n") + "\n")
        let time = try ContinuousClock().measure {
            #expect(throws: (any Error).self) { try encryption.encrypt(text, file: "f.yml") }
            let sealed = try Age.encrypt(text, to: [key.recipient])
            #expect(throws: Diagnostic.self) { try SecretFile.value(of: sealed, file: "f", keyring: keyring) }
            let inline = text + bytes("v: !vault x\n")
            #expect(throws: Diagnostic.self) { try InlineVault.decrypting(inline, file: "f", keyring: keyring) }
        }
        #expect(time < .seconds(30))
    }
}
