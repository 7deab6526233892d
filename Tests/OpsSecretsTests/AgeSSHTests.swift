import Foundation
import OpsCore
import Testing

import OpsKeys
@testable import OpsSecrets

/// SSH keys as age recipients and identities, judged by `age` and `ssh-keygen`.
struct AgeSSHTests {
    struct Kind: Sendable, CustomTestStringConvertible {
        var options: [String]
        var testDescription: String { options.joined(separator: " ") }
    }

    static let kinds = [
        Kind(options: ["-t", "ed25519"]),
        Kind(options: ["-t", "rsa", "-b", "2048"]),
        Kind(options: ["-t", "rsa", "-b", "3072", "-m", "PEM"]),
        Kind(options: ["-t", "rsa", "-b", "2048", "-m", "PKCS8"]),
    ]

    private func makeKey(_ kind: Kind, passphrase: String = "", in directory: URL) throws -> (file: URL, line: String) {
        let file = directory.appending(path: "id")
        #expect(try Judge.run(["ssh-keygen", "-q", "-N", passphrase, "-f", file.path] + kind.options).status == 0)
        return (file, try String(contentsOf: directory.appending(path: "id.pub"), encoding: .utf8))
    }

    @Test(arguments: kinds)
    func `age and opsctl open each other's files`(_ kind: Kind) throws {
        try withScratch { directory in
            let (file, line) = try makeKey(kind, in: directory)
            let keyring = try SecretKeyring.load(environment: [:], home: directory.path, files: [file.path])
            let plain = Array("secret text".utf8)
            let ours = try Age.encrypt(plain, to: [AgeSSHRecipient(SSHPublicKey(line: line))])
            #expect(try Judge.run(["age", "-d", "-i", file.path], input: ours).output == Data(plain))
            let theirs = try Judge.run(["age", "-R", file.path + ".pub"], input: plain)
            #expect(try Age.decrypt(theirs.output, with: keyring.identities) == plain)
            #expect(keyring.identities.map(\.name) == [line.split(separator: " ").prefix(2).joined(separator: " ")])
        }
    }

    /// Few rounds: unoptimised builds take a second for ssh-keygen's usual ones.
    @Test(arguments: [["-a", "1"], ["-a", "2", "-Z", "aes256-cbc"]])
    func `an encrypted key asks once, when it is needed`(_ more: [String]) throws {
        try withScratch { directory in
            let kind = Kind(options: ["-t", "ed25519"] + more)
            let (file, line) = try makeKey(kind, passphrase: "open sesame", in: directory)
            let questions = Once<String>()
            let keyring = try SecretKeyring.load(environment: [:], home: directory.path, files: [file.path]) {
                question in
                #expect(questions.value { question } == question)
                return Secret("open sesame")
            }
            let theirs = try Judge.run(["age", "-r", line], input: Data("x".utf8))
            for _ in 0..<2 { #expect(try Age.decrypt(theirs.output, with: keyring.identities) == [0x78]) }
            #expect(questions.value { "" }.contains(file.path))
            let wrong = try SecretKeyring.load(environment: [:], home: directory.path, files: [file.path]) { _ in
                Secret("no")
            }
            #expect(throws: AgeError.wrongPassphrase(of: file.path)) { try Age.decrypt(theirs.output, with: wrong.identities) }
            let mute = try SecretKeyring.load(environment: [:], home: directory.path, files: [file.path])
            #expect(throws: AgeError.self) { try Age.decrypt(theirs.output, with: mute.identities) }
        }
    }

    @Test func `weak and foreign keys are refused`() throws {
        try withScratch { directory in
            let (_, line) = try makeKey(Kind(options: ["-t", "ecdsa"]), in: directory)
            #expect(throws: SSHKeyError.self) { try SSHPublicKey(line: line) }
            let weak = directory.appending(path: "weak")
            #expect(
                try Judge.run(["ssh-keygen", "-q", "-N", "", "-t", "rsa", "-b", "1024", "-f", weak.path]).status == 0)
            let weakLine = try String(contentsOfFile: weak.path + ".pub", encoding: .utf8)
            #expect(throws: SSHKeyError.unusable("RSA keys under 2048 bits are too weak")) { try SSHPublicKey(line: weakLine) }
        }
    }

    @Test func `a damaged stanza for our key is told from one for others`() throws {
        try withScratch { directory in
            let (file, line) = try makeKey(Kind(options: ["-t", "ed25519"]), in: directory)
            let keyring = try SecretKeyring.load(environment: [:], home: directory.path, files: [file.path])
            let sealed = try Age.encrypt([1], to: [AgeSSHRecipient(SSHPublicKey(line: line))])
            #expect(throws: AgeError.noMatch) { try Age.decrypt(sealed, with: [TestKey().identity]) }
            var changed = sealed
            let bodyStart =
                try #require(sealed.firstIndex(of: 10).flatMap { sealed[($0 + 1)...].firstIndex(of: 10) }) + 1
            changed[bodyStart] = changed[bodyStart] == 65 ? 66 : 65
            #expect(throws: AgeError.header("an ssh-ed25519 recipient is damaged")) {
                try Age.decrypt(changed, with: keyring.identities)
            }
        }
    }
}
