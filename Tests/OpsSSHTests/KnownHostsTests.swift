import Foundation
import OpsCore
import Testing

@testable import OpsSSH

@Suite struct KnownHostsTests {
    private static let keyA = "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
    private static let keyB = "AAAAC3NzaC1lZDI1NTE5AAAAIB8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgEA"

    private func bytes(_ base64: String) throws -> [UInt8] { Array(try #require(Data(base64Encoded: base64))) }

    private func isKnown(_ text: String, _ name: String, plainName: String? = nil) throws -> Bool {
        let verdict = try KnownHosts(text, file: "f").judge(bytes(Self.keyA), name: name, plainName: plainName)
        if case .known = verdict { return true }
        return false
    }

    @Test(arguments: [
        ("web1 ssh-ed25519 KEY", "web1", true),
        ("web1 ssh-ed25519 KEY comment here", "WEB1", true),
        ("web1,10.0.0.1\tssh-ed25519  KEY", "10.0.0.1", true),
        ("[web1]:2222 ssh-ed25519 KEY", "[web1]:2222", true),
        ("[web1]:2222 ssh-ed25519 KEY", "web1", false),
        ("web1 ssh-ed25519 KEY", "[web1]:2222", false),
        ("*.example.com,!old.example.com ssh-ed25519 KEY", "new.example.com", true),
        ("*.example.com,!old.example.com ssh-ed25519 KEY", "old.example.com", false),
        ("web? ssh-ed25519 KEY", "web7", true),
        ("web? ssh-ed25519 KEY", "web10", false),
        ("# web1 ssh-ed25519 KEY", "web1", false),
        ("web1 ssh-rsa KEY", "web1", false),
        ("web1 ssh-ed25519", "web1", false),
        ("web1 ssh-ed25519 !!!", "web1", false),
        ("@strange web1 ssh-ed25519 KEY", "web1", false),
        ("|1|bad|bad ssh-ed25519 KEY", "web1", false),
    ])
    func readsLines(line: String, name: String, known: Bool) throws {
        #expect(try isKnown(line.replacing("KEY", with: Self.keyA), name) == known)
    }

    /// Made by `ssh-keygen -H`.
    @Test func readsHashedNames() async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("web1,[web2]:2222 ssh-ed25519 \(Self.keyA)\n", to: "known_hosts")
        try await Program.run("/usr/bin/ssh-keygen", "-H", "-f", file)
        let text = directory.read("known_hosts")
        #expect(try isKnown(text, "web1"))
        #expect(try isKnown(text, "[web2]:2222"))
        #expect(try !isKnown(text, "web2"))
    }

    @Test func givesTheLineOfAChangedKey() throws {
        let hosts = KnownHosts("\n\nweb1 ssh-ed25519 \(Self.keyB)\n", file: "known")
        guard case .changed(let entries) = hosts.judge(try bytes(Self.keyA), name: "web1", plainName: nil) else {
            Issue.record("not changed")
            return
        }
        #expect(entries.map(\.location) == [SourceLocation(file: "known", line: 3)])
    }

    @Test func showsFingerprintsAsSSHKeygenDoes() async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("ssh-ed25519 \(Self.keyA)\n", to: "key.pub")
        let text = try await Program.run("/usr/bin/ssh-keygen", "-lf", file)
        #expect(text.contains(KnownHosts.fingerprint(try bytes(Self.keyA)) + " "))
    }

    @Test func addsWholeLinesOnly() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/new/known_hosts"
        for name in ["a", "b"] { try KnownHostsFile.append(name: name, key: bytes(Self.keyA), to: path) }
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text == "a ssh-ed25519 \(Self.keyA)\nb ssh-ed25519 \(Self.keyA)\n")
    }

    @Test func prefersAlgorithmsOfKnownKeys() {
        #expect(SSHAlgorithms.hostKeys(preferring: ["ecdsa-sha2-nistp384"]).first == "ecdsa-sha2-nistp384")
        #expect(SSHAlgorithms.hostKeys(preferring: ["ssh-rsa"]).prefix(2) == ["rsa-sha2-512", "rsa-sha2-256"])
        #expect(SSHAlgorithms.hostKeys(preferring: []) == SSHAlgorithms.defaultHostKeys)
    }

    @Test(arguments: [
        ("", "", true), ("a", "", false), ("", "*", true), ("abc", "a*c", true), ("abc", "a*b", false),
        ("aXbXc", "a*X*c", true), ("aaaaaaaaaaaaaaaaaaaab", "*a*a*a*a*a*a*a*c", false), ("é", "?", true),
    ])
    func matchesPatterns(text: String, pattern: String, matches: Bool) {
        #expect(Glob.matches(text, pattern) == matches)
    }
}
