import Foundation
import OpsCore
import Testing

@testable import OpsSecrets

/// `check` and the commit hook: what is weak, plain or broken.
struct SecretCheckTests {
    let key = TestKey()

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private func codes(_ path: String, _ content: [UInt8], isConfigured: Bool = false) -> [String] {
        SecretCommitCheck.findings(content, path: path, isConfigured: isConfigured).map(\.code)
    }

    @Test(arguments: ["abcabcabcabcabc", "passwordpassword", "aaaaaaaaaaaaaaaa", "Xy7!Xy7!Xy7!Xy", "🔑🔑", "from-the-example-17"])
    func `patterns and examples are weak`(_ text: String) {
        let value: Value = ["password": .secret(Secret(text)), "user": .secret(Secret(text))]
        let weak = SecretCheck.weak(value, file: "f", example: ["password": "from-the-example-17", "user": text])
        #expect(weak.map(\.severity) == [.error] && !"\(weak)".contains(text))
    }

    @Test func `random passwords are not weak`() throws {
        for _ in 0..<200 {
            let value: Value = ["password": .secret(try SecretGenerator.password())]
            #expect(SecretCheck.weak(value, file: "f", example: ["password": "dummy"]).isEmpty)
        }
    }

    @Test func `only notes with exactly these names may be plain`() {
        for name in ["README", "README.md", ".sops.yaml", ".gitkeep", ".gitignore", ".gitattributes"] {
            #expect(codes("secrets/lab/\(name)", bytes("text\n")).isEmpty, "\(name)")
        }
        for name in ["README.env", "README2", "READMEs.yml", ".sops.yml", ".sops.y", ".gitlab-token", ".env", "x", "smtp.yml"] {
            #expect(codes("secrets/lab/\(name)", bytes("password: x\n")) == ["secret-plain"], "\(name)")
        }
    }

    @Test func `beginning like an encrypted file is not enough`() throws {
        let plain = "\npassword: hunter2 and more of it, long enough to be a payload\n"
        for head in [
            "$ANSIBLE_VAULT;1.1;AES256", "$ANSIBLE_VAULT;1.1;AES256\n6162", "age-encryption.org/v1", "-----BEGIN AGE ENCRYPTED FILE-----",
            "age-encryption.org/v1\n-> X25519 abc\n--- abc",
        ] {
            #expect(codes("secrets/f", bytes(head + plain)) == ["secret-damaged"], "\(head)")
        }
        let age = try Age.encrypt([1], to: [key.recipient])
        let end = try #require(age.firstRange(of: bytes("\n--- "))).upperBound + 44
        #expect(codes("secrets/f", Array(age[..<end]) + bytes(plain)) == ["secret-damaged"])
        #expect(codes("secrets/f", Array(age[..<end])) == ["secret-damaged"])
        #expect(codes("secrets/f", age).isEmpty)
        #expect(codes("secrets/f", try Age.encrypt([1], to: [key.recipient], armored: true)).isEmpty)
        #expect(codes("secrets/f", bytes(try AnsibleVault(passwords: []).encrypt([1], with: VaultPassword(Secret("pw"))))).isEmpty)
        #expect(codes("secrets/f", bytes("a: ENC[AES256_GCM,plain text]\nsops:\n    mac: x\n    lastmodified: y\n")) == ["secret-plain-value"])
        #expect(codes("secrets/f", bytes("sops:\n    mac: x\n") + [0xFF]) == ["secret-damaged"])
    }

    @Test func `environment files and vaults are looked at wherever they are`() throws {
        for path in [".env", "app/.env", ".env.production", "secrets/.env"] {
            #expect(codes(path, bytes("PASSWORD=x\n")) == ["secret-plain"], "\(path)")
        }
        for path in [".env.example", "secrets.example/.env", "app.yml", "docs/environment.md"] {
            #expect(codes(path, bytes("PASSWORD=x\n")).isEmpty, "\(path)")
        }
        let vault = try InlineVault.encrypt(Secret("x"), with: VaultPassword(Secret("pw")), indent: 4)
        for path in ["inventory/group_vars/all/vault.yml", "vault_lab.yaml"] {
            #expect(codes(path, bytes("host: a\nmail:\n  smtp_password: plain\n")) == ["secret-plain-value"])
            #expect(codes(path, bytes("smtp_password: \(vault)token: \"{{ x }}\"\npassword_login: no\nhost: a\n")).isEmpty)
            #expect(codes(path, bytes("smtp_password: [\n")) == ["yaml-syntax"])
        }
        #expect(codes("vault.example/vault.yml", bytes("password: dummy\n")).isEmpty)
    }

    @Test func `files that the configuration names have to be encrypted`() throws {
        let config = try SopsConfig(bytes("creation_rules:\n  - path_regex: (^|/)prod\n    age: [\(key.recipient.name)]\n"), file: "/repo/.sops.yaml")
        for (path, isMeant) in [
            ("prod/db.yml", true), ("prod.env", true), ("prod.example/db.yml", false), ("prod/notes.md", false), ("lab/db.yml", false),
        ] {
            #expect(SecretPlaces.isConfigured("/repo/\(path)", by: config) == isMeant, "\(path)")
        }
        #expect(codes("prod/db.yml", bytes("a: b\n"), isConfigured: true) == ["secret-plain"])
        let all = try SopsConfig(bytes("creation_rules:\n  - age: [\(key.recipient.name)]\n"), file: "/repo/.sops.yaml")
        #expect(!SecretPlaces.isConfigured("/repo/a.yml", by: all))
    }

    @Test func `private keys are found among other bytes`() {
        let key = key.identity.revealText { bytes($0) }
        #expect(codes("a.bin", [0xFF, 0xFE, 10] + key + [10]) == ["secret-private-key"])
    }
}
