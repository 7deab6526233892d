import Foundation
import OpsCore
import Testing

@testable import OpsSecrets

/// Ansible Vault, judged by `ansible-vault`.
struct AnsibleVaultTests {
    static let plaintexts = [
        "", "x", "exactly sixteen!", "smtp_password: s3cret\n", String(repeating: "ü long line\n", count: 500),
    ]

    private func ansibleVault(_ arguments: [String], passwordFile: URL, input: some DataProtocol) throws -> Judge {
        try Judge.python(
            "ansible-vault", arguments + ["--vault-id", "prod@\(passwordFile.path)", "--output", "-"], input: input,
            environment: ["LC_ALL": "C.UTF-8"])
    }

    @Test func `ansible-vault and opsctl open each other's files`() throws {
        try withScratch { directory in
            let passwordFile = directory.appending(path: "password")
            try Data("correct horse ü\n".utf8).write(to: passwordFile)
            let password = VaultPassword(id: "prod", Secret("correct horse ü"))
            let vault = AnsibleVault(passwords: [VaultPassword(Secret("another")), password])
            for (index, plaintext) in Self.plaintexts.enumerated() {
                let ours = try vault.encrypt(Array(plaintext.utf8), with: password)
                #expect(ours.hasPrefix("$ANSIBLE_VAULT;1.2;AES256;prod\n"))
                let opened = try ansibleVault(["decrypt"], passwordFile: passwordFile, input: Data(ours.utf8))
                #expect(opened.status == 0 && opened.text == plaintext)
                guard index > 0 else { continue }
                let theirs = try ansibleVault(["encrypt"], passwordFile: passwordFile, input: Data(plaintext.utf8))
                #expect(String(decoding: try vault.decrypt(theirs.output), as: UTF8.self) == plaintext)
            }
        }
    }

    /// Bytes that aren't UTF-8 are what `openssl rand 32` gives; as text, all of them would be the same character.
    @Test func `a password of any bytes is itself and no other`() throws {
        try withScratch { directory in
            var numbers = DamageTests.Numbers(state: 5)
            for round in 0..<4 {
                let random = (0..<24).map { _ in UInt8.random(in: 128...255, using: &numbers) }
                let bytes = round == 0 ? [0xFF] : round == 1 ? [0x20, 0xFF, 0xC2, 0xA0, 0x0A] : [9] + random + [0xC2, 0x85, 13, 10]
                let file = directory.appending(path: "password")
                try Data(bytes).write(to: file)
                let password = try VaultPasswordSource(vaultID: "prod@\(file.path)").load { _ in nil }
                let vault = AnsibleVault(passwords: [password])
                let ours = try vault.encrypt([1, 2, 3], with: password)
                let judged = try ansibleVault(["decrypt"], passwordFile: file, input: Data(ours.utf8))
                #expect(Array(judged.output) == [1, 2, 3])
                let theirs = try ansibleVault(["encrypt"], passwordFile: file, input: Data([4, 5]))
                #expect(try vault.decrypt(theirs.output) == [4, 5])
                try Data(bytes.map { $0 == 0xFF ? 0xFE : $0 == 0xC2 ? 0xC3 : $0 }).write(to: file)
                let other = try VaultPasswordSource(file: file.path).load { _ in nil }
                #expect(throws: VaultError.wrongPassword) { try AnsibleVault(passwords: [other]).decrypt(Array(ours.utf8)) }
                #expect("\(password) \(password.password)".contains(Secret.mask))
            }
        }
    }

    @Test func `inline values go both ways`() throws {
        try withScratch { directory in
            let passwordFile = directory.appending(path: "password")
            try Data("pw".utf8).write(to: passwordFile)
            let password = VaultPassword(Secret("pw"))
            let theirs = try Judge.python(
                "ansible-vault",
                ["encrypt_string", "--vault-password-file", passwordFile.path, "--stdin-name", "smtp_password"],
                input: Data("it's: secret".utf8))
            let document =
                "host: mail # here\n\(theirs.text)list:\n  - !vault |\n" + (try envelope("two\nlines\n", password))
            let plain = try #require(
                try InlineVault.decrypting(
                    Array(document.utf8), file: "f", keyring: SecretKeyring(passwords: [password])))
            let text = String(decoding: plain, as: UTF8.self)
            #expect(text.hasPrefix("host: mail # here\nsmtp_password: \"it's: secret\"\nlist:\n  - |\n"))
            #expect(text.contains("two\n") && !text.contains("vault"))
            let inline = try InlineVault.encrypt(Secret("back"), with: password)
            #expect(inline.hasPrefix("!vault |\n          $ANSIBLE_VAULT;1.1;AES256\n          "))
            let lines = inline.split(separator: "\n").dropFirst().map { $0.drop { $0 == " " } }
            let vault = Data((lines.joined(separator: "\n") + "\n").utf8)
            let judged = try Judge.python(
                "ansible-vault", ["decrypt", "--vault-password-file", passwordFile.path, "--output", "-"], input: vault)
            #expect(judged.text == "back")
        }
    }

    private func envelope(_ text: String, _ password: VaultPassword) throws -> String {
        try AnsibleVault(passwords: [password]).encrypt(Array(text.utf8), with: password)
            .split(separator: "\n").map { "      \($0)\n" }.joined()
    }

    @Test func `each key is derived once in a run`() throws {
        let password = VaultPassword(Secret("pw"))
        let keyring = SecretKeyring(passwords: [VaultPassword(id: "other", Secret("no")), password])
        let text = try AnsibleVault(passwords: [password]).encrypt(Array("a: b".utf8), with: password)
        for _ in 0..<20 { _ = try SecretFile.value(of: Array(text.utf8), file: "f", keyring: keyring) }
        #expect(keyring.vaultKeyDerivations == 2)
    }

    @Test func `wrong passwords, missing ones and foreign ciphers are told apart`() throws {
        let password = VaultPassword(Secret("pw"))
        let text = Array(try AnsibleVault(passwords: []).encrypt([1], with: password).utf8)
        func code(_ bytes: [UInt8], _ passwords: [VaultPassword]) -> String? {
            do {
                _ = try SecretDocument(bytes, file: "f", keyring: SecretKeyring(passwords: passwords))
                return nil
            } catch {
                return (error as? Diagnostic)?.code
            }
        }
        #expect(code(text, [password]) == nil)
        #expect(code(text, [VaultPassword(Secret("no"))]) == "secret-wrong-password")
        #expect(code(text, []) == "secret-no-identity")
        let foreign = Array(String(decoding: text, as: UTF8.self).replacing("AES256", with: "AES").utf8)
        #expect(code(foreign, [password]) == "secret-unsupported")
        #expect(throws: VaultError.noPassword) {
            try AnsibleVault(passwords: []).encrypt([1], with: VaultPassword(Secret("")))
        }
    }

    @Test func `passwords come from files, programs and prompts`() throws {
        try withScratch { directory in
            func file(_ name: String, _ text: String, mode: Int) throws -> String {
                let path = directory.appending(path: name).path
                #expect(
                    FileManager.default.createFile(
                        atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: mode]))
                return path
            }
            let plain = try file("plain", " from file \n\n", mode: 0o600)
            let script = try file("script", "#!/bin/sh\necho ' from script '\n", mode: 0o700)
            let raw = try file("raw", "#!/bin/sh\nprintf '\\377\\376\\n'\n", mode: 0o700)
            let client = try file("my-client.sh", "#!/bin/sh\n[ \"$2\" = prod ] || exit 2\necho $1-$2\n", mode: 0o700)
            func load(_ id: String) throws -> VaultPassword {
                try VaultPasswordSource(vaultID: id).load { question in Secret(" asked: \(question) ") }
            }
            #expect(try load(plain) == VaultPassword(Secret("from file")))
            #expect(try load("a@\(script)") == VaultPassword(id: "a", Secret(" from script ")))
            #expect(try load("prod@\(client)") == VaultPassword(id: "prod", Secret("--vault-id-prod")))
            #expect(throws: Diagnostic.self) { try load("dev@\(client)") }
            #expect(try load(raw) == VaultPassword(SecretBytes([255, 254])))
            #expect(try load("x@prompt") == VaultPassword(id: "x", Secret("asked: the vault id 'x'")))
            #expect(throws: Diagnostic.self) { try VaultPasswordSource(vaultID: "@prompt").load { _ in nil } }
            #expect(throws: Diagnostic.self) { try load(directory.appending(path: "none").path) }
            let all = VaultPasswordSource.all(
                vaultIDs: ["a@one"], passwordFiles: ["two"],
                environment: ["ANSIBLE_VAULT_PASSWORD_FILE": "four", "ANSIBLE_VAULT_IDENTITY_LIST": "b@three"])
            #expect(all.map(\.place) == [.file("one"), .file("two"), .file("three"), .file("four")])
        }
    }
}
