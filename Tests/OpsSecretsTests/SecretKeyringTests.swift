import Foundation
import OpsCore
import Synchronization
import Testing

@testable import OpsSecrets

/// Where identities come from, and what is said when none fits.
struct SecretKeyringTests {
    @Test func `identities come from the environment and sops's default file`() throws {
        try withScratch { home in
            let keys = (0..<4).map { _ in TestKey() }
            let config = home.appending(path: "config/sops/age")
            try FileManager.default.createDirectory(at: config, withIntermediateDirectories: true)
            try keys[0].write(to: config.appending(path: "keys.txt"))
            try keys[1].write(to: home.appending(path: "one.txt"))
            try keys[3].write(to: home.appending(path: "named.txt"))
            let environment = keys[2].identity.revealText { text in
                [
                    "SOPS_AGE_KEY_FILE": home.appending(path: "one.txt").path, "SOPS_AGE_KEY": "# mine\n\(text)\n",
                    "XDG_CONFIG_HOME": home.appending(path: "config").path,
                ]
            }
            let keyring = try SecretKeyring.load(
                environment: environment, home: home.path, files: [home.appending(path: "named.txt").path])
            #expect(Set(keyring.identities.map(\.name)) == Set(keys.map(\.recipient.name)))
            #expect(keyring.identities.first?.name == keys[3].recipient.name)
        }
    }

    @Test func `every bad identity is reported, with its line and without its text`() throws {
        try withScratch { home in
            let file = home.appending(path: "bad.txt")
            try Data("# fine\nAGE-SECRET-KEY-1NOTAKEY\n".utf8).write(to: file)
            let environment = ["SOPS_AGE_KEY_FILE": file.path, "SOPS_AGE_KEY": "AGE-SECRET-KEY-PQ-1XYZ"]
            let error = #expect(throws: DiagnosticError.self) {
                try SecretKeyring.load(environment: environment, home: home.path, files: ["/nonexistent/key"])
            }
            let found = try #require(error?.diagnostics)
            #expect(found.count == 3)
            #expect(found.contains { $0.location == SourceLocation(file: file.path, line: 2) })
            #expect(found.contains { $0.message.contains("post-quantum") })
            #expect(!found.contains { "\($0)".contains("NOTAKEY") })
        }
    }

    @Test func `a passphrase-protected identity file opens when it is needed`() throws {
        try withScratch { home in
            let key = TestKey()
            let plain = key.identity.revealText { Array($0.utf8) }
            let sealed = try Age.encrypt(
                plain, to: [AgeScryptRecipient(passphrase: Secret("pass"), workFactor: 4)], armored: true)
            let file = home.appending(path: "keys.age")
            try Data(sealed).write(to: file)
            let keyring = try SecretKeyring.load(environment: [:], home: home.path, files: [file.path]) { _ in
                Secret("pass")
            }
            let message = try Age.encrypt([7], to: [key.recipient])
            #expect(try Age.decrypt(message, with: keyring.identities) == [7])
        }
    }

    @Test func `who could open a file is said, and what was tried`() throws {
        let (mine, theirs) = (TestKey(), TestKey())
        let file = try SopsFile.encrypt(
            Array("a: b\n".utf8), format: .sopsYAML, file: "f", recipients: [theirs.recipient])
        let error = #expect(throws: Diagnostic.self) {
            try SopsFile(file, file: "secrets/f.yml", keyring: mine.keyring)
        }
        #expect(error?.code == "secret-no-identity")
        #expect(error?.message.contains(theirs.recipient.name) == true)
        #expect(error?.hints.first?.contains(mine.recipient.name) == true)
        #expect(error?.location?.file == "secrets/f.yml")
    }

    @Test func `scrypt files need a strong machine at most once`() throws {
        let sealed = try Age.encrypt([1, 2], to: [AgeScryptRecipient(passphrase: Secret("a"), workFactor: 10)])
        #expect(try Age.decrypt(sealed, with: [AgeScryptIdentity(passphrase: Secret("a"))]) == [1, 2])
        #expect(throws: AgeError.wrongPassphrase()) {
            try Age.decrypt(sealed, with: [AgeScryptIdentity(passphrase: Secret("b"))])
        }
        #expect(throws: AgeError.self) {
            try Age.decrypt(sealed, with: [AgeScryptIdentity(passphrase: Secret("a"), maximumWorkFactor: 9)])
        }
    }

    @Test func `a command may print the identities`() throws {
        try withScratch { home in
            let key = TestKey()
            let file = home.appending(path: "key.txt")
            try key.write(to: file)
            let found = try SecretKeyring.load(environment: ["SOPS_AGE_KEY_CMD": "cat '\(file.path)'"], home: home.path)
            #expect(found.identities.map(\.name) == [key.recipient.name])
            let error = #expect(throws: DiagnosticError.self) {
                try SecretKeyring.load(environment: ["SOPS_AGE_KEY_CMD": "exit 3"], home: home.path)
            }
            #expect(error?.diagnostics.first?.message.hasSuffix("exit status 3") == true)
        }
    }

    @Test func `identities are tried in the order of sops`() throws {
        try withScratch { home in
            let keys = (0..<4).map { _ in TestKey() }
            for (index, name) in ["named", "file", "command", "default"].enumerated() {
                let file = home.appending(path: name == "default" ? ".config/sops/age/keys.txt" : name)
                try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try keys[index].write(to: file)
            }
            let ssh = try ["first", "second", ".ssh/id_ed25519"].map { name in
                let path = home.appending(path: name).path
                try FileManager.default.createDirectory(atPath: home.appending(path: ".ssh").path, withIntermediateDirectories: true)
                #expect(try Judge.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path]).status == 0)
                let line = try String(contentsOfFile: path + ".pub", encoding: .utf8)
                return line.split(separator: " ").prefix(2).joined(separator: " ")
            }
            let text = TestKey()
            var environment = text.identity.revealText { ["SOPS_AGE_KEY": $0] }
            environment["SOPS_AGE_KEY_FILE"] = home.appending(path: "file").path
            environment["SOPS_AGE_KEY_CMD"] = "cat '\(home.path)/command'"
            func names(_ more: [String: String]) throws -> [String] {
                let files = [home.appending(path: "named").path]
                return try SecretKeyring.load(environment: environment.merging(more) { $1 }, home: home.path, files: files)
                    .identities.map(\.name)
            }
            let others = [text.recipient.name] + keys[1...].map(\.recipient.name)
            #expect(try names([:]) == [keys[0].recipient.name, ssh[2]] + others)
            let named = [
                "SOPS_AGE_SSH_PRIVATE_KEY_FILE": "\(home.path)/first", "SOPS_AGE_SSH_PRIVATE_KEY_CMD": "cat '\(home.path)/second'",
            ]
            #expect(try names(named) == [keys[0].recipient.name] + ssh[..<2] + others)
        }
    }

    @Test func `a file under a passphrase asks for it`() throws {
        let sealed = try Age.encrypt(
            Array("a: b\n".utf8), to: [AgeScryptRecipient(passphrase: Secret("open"), workFactor: 4)], armored: true)
        let asked = Once<String>()
        let keyring = SecretKeyring { question in
            _ = asked.value { question }
            return Secret("open")
        }
        #expect(try SecretFile.value(of: sealed, file: "f.age", keyring: keyring)["a"]?.revealed == "b")
        #expect(asked.value { "" } == "f.age")
        let wrong = #expect(throws: Diagnostic.self) {
            try SecretFile.value(of: sealed, file: "f.age", keyring: SecretKeyring { _ in Secret("no") })
        }
        #expect(wrong?.code == "secret-wrong-password")
        let mute = #expect(throws: Diagnostic.self) { try SecretFile.value(of: sealed, file: "f.age", keyring: SecretKeyring()) }
        #expect(mute?.message == "its passphrase is needed, and there is no terminal to ask for it")
    }

    /// scrypt for the identity file, bcrypt for the SSH key, PBKDF2 for the vault: each follows its question, and a key
    /// that was derived is kept for the run, whoever asks for it at the same time.
    @Test func `every key is derived once in a run, however many files need it at once`() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "opsctl-secrets-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let key = TestKey()
        let sealed = try Age.encrypt(
            key.identity.revealText { Array($0.utf8) }, to: [AgeScryptRecipient(passphrase: Secret("pass"), workFactor: 4)])
        try Data(sealed).write(to: directory.appending(path: "keys.age"))
        let ssh = directory.appending(path: "id").path
        #expect(try Judge.run(["ssh-keygen", "-q", "-t", "ed25519", "-a", "1", "-N", "pass", "-f", ssh]).status == 0)
        let line = try String(contentsOfFile: ssh + ".pub", encoding: .utf8)
        let questions = Mutex<[String]>([])
        let keyring = try SecretKeyring.load(
            environment: [:], home: directory.path, files: [directory.appending(path: "keys.age").path, ssh],
            passwords: [VaultPassword(Secret("vault"))]
        ) { question in
            questions.withLock { $0.append(question) }
            return Secret("pass")
        }
        let plain = Array("a: b\n".utf8)
        let vault = Array(try AnsibleVault(passwords: []).encrypt(plain, with: VaultPassword(Secret("vault"))).utf8)
        let files = try [
            Age.encrypt(plain, to: [key.recipient]), Age.encrypt(plain, to: AgeRecipients.parse([line])), vault,
            SopsFile.encrypt(plain, format: .sopsYAML, file: "f", recipients: [key.recipient]),
        ]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<40 {
                group.addTask {
                    let value = try SecretFile.value(of: files[index % files.count], file: "f", keyring: keyring)
                    #expect(value["a"]?.revealed == "b")
                }
            }
            try await group.waitForAll()
        }
        #expect(questions.withLock { $0.sorted() } == ["the SSH key \(ssh)", "the identities in \(directory.path)/keys.age"])
        #expect(keyring.vaultKeyDerivations == 1)
    }
}
