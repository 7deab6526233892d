import Foundation
import OpsCore
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
        #expect(throws: AgeError.wrongPassphrase) {
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
}
