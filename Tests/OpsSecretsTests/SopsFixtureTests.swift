import Crypto
import Foundation
import OpsCore
import Testing

@testable import OpsSecrets

/// Files and keys that SOPS itself made.
struct SopsFixtureTests {
    struct Fixture: Sendable, CustomTestStringConvertible {
        var name: String
        var dataKey: [UInt8]
        var file: [UInt8]
        var testDescription: String { name }
    }

    static let fixtures: [Fixture] = {
        let file = vectors.appending(path: "sops-fixtures.txt")
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return [] }
        return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { line in
            let parts = line.split(separator: " ").map(String.init)
            guard parts.count == 3, let key = Hex.decode(parts[1].utf8),
                let file = Base64Codec.decode(Array(parts[2].utf8), padded: true)
            else { return nil }
            return Fixture(name: parts[0], dataKey: key, file: file)
        }
    }()

    @Test func `all fixtures are there`() { #expect(Self.fixtures.count == 9) }

    private func open(_ fixture: Fixture) throws -> SopsDecrypted {
        let syntax = try #require(SopsDetection.format(fixture.file)?.syntax)
        let document = try syntax.parse(String(decoding: fixture.file, as: UTF8.self), file: fixture.name)
        let metadata = try #require(document.metadata)
        #expect(metadata.foreignKinds == ["pgp"])
        return try SopsDecrypted(
            document, metadata: metadata, dataKey: SymmetricKey(data: fixture.dataKey), file: fixture.name)
    }

    /// The checksum covers every value, so that a match is a proof for all of them.
    @Test(arguments: fixtures.filter { $0.name != "no_mac.yaml" })
    func `a file that SOPS wrote opens, and is written again unchanged`(_ fixture: Fixture) throws {
        let opened = try open(fixture)
        #expect(opened.values.count >= 1 && opened.value.containsSecret)
        let syntax = try #require(SopsDetection.format(fixture.file)?.syntax)
        var edits: [(range: Range<Int>, text: String)] = []
        for (leaf, value) in zip(opened.document.leaves, opened.values) {
            if let value { edits.append((leaf.range, syntax.plain(value, at: leaf))) }
        }
        if let range = opened.document.metadataRange { edits.append((range, "")) }
        let plain = opened.document.replacing(edits)
        var known: [SopsSealer.Place: String] = [:]
        for (leaf, value) in zip(opened.document.leaves, opened.values) {
            if let value { known[SopsSealer.Place(path: leaf.path, value: value)] = leaf.scalar?.text }
        }
        let metadataText = opened.document.metadataRange.map { String(decoding: fixture.file[$0], as: UTF8.self) }
        let sealed = try SopsSealer(
            dataKey: opened.dataKey, metadata: opened.metadata, syntax: syntax, known: known
        ).seal(
            syntax.parse(String(decoding: plain, as: UTF8.self), file: "f"), file: "f", now: Date(),
            metadataText: metadataText)
        let before = String(decoding: fixture.file, as: UTF8.self).split(separator: "\n")
        let after = String(decoding: sealed, as: UTF8.self).split(separator: "\n")
        #expect(before.count == after.count)
        let differing = zip(before, after).filter { $0 != $1 }.map { $0.0.drop { " \t\"".contains($0) }.prefix(9) }
        #expect(differing.allSatisfy { $0.hasPrefix("lastmodif") || $0.hasPrefix("mac") || $0.hasPrefix("sops_") })
    }

    @Test func `comments come out of a file that SOPS wrote`() throws {
        let fixture = try #require(Self.fixtures.first { $0.name == "comments.enc.yaml" })
        let opened = try open(fixture)
        #expect(opened.value["lorem"]?.revealed == "ipsum" && opened.value["dolor"]?.revealed == "sit")
        let comments = zip(opened.document.leaves, opened.values).filter(\.0.isComment).map { $0.1?.text }
        #expect(comments == [" first comment in file", " this-is-a-comment"])
    }

    @Test func `a file without checksum is refused`() throws {
        let fixture = try #require(Self.fixtures.first { $0.name == "no_mac.yaml" })
        #expect(throws: Diagnostic.self) { try open(fixture) }
    }

    @Test func `without an age recipient, the kinds of keys are named`() throws {
        let fixture = try #require(Self.fixtures.first { $0.name == "format.enc.yaml" })
        let error = #expect(throws: Diagnostic.self) {
            try SecretFile.value(of: fixture.file, file: "f", keyring: SecretKeyring())
        }
        #expect(error?.message == "no age recipient; only pgp")
    }

    /// Data keys wrapped by SOPS for an age key and for an SSH key (getsops/sops age/keysource_test.go).
    @Test func `data keys that SOPS wrapped unwrap`() throws {
        let identity = try AgeX25519Identity(
            "AGE-SECRET-KEY-1G0Q5K9TV4REQ3ZSQRMTMG8NSWQGYT0T7TZ33RAZEE0GZYVZN0APSU24RK7")
        #expect(identity.name == "age1lzd99uklcjnc0e7d860axevet2cz99ce9pq6tzuzd05l5nr28ams36nvun")
        #expect(try Age.decrypt(Array(Self.forAge.utf8), with: [identity]) == Array("data".utf8))
        let ssh = try IdentityFile.parse(Self.sshKey, origin: "f") { _ in nil }
        #expect(try Age.decrypt(Array(Self.forSSH.utf8), with: ssh) == Array("data".utf8))
    }

    static let forAge = """
        -----BEGIN AGE ENCRYPTED FILE-----
        YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBvY2t2NkdLUGRvY3l2OGNy
        MVJWcUhCOEZrUG8yeCtnRnhxL0I5NFk4YjJFCmE4SVQ3MEdyZkFqRWpSa2F0NVhF
        VDUybzBxdS9nSGpHSVRVMUI0UEVqZkkKLS0tIGJjeGhNQ0Y5L2VZRVVYSm90djFF
        bzdnQ3UwTGljMmtrbWNMV1MxYkFzUFUK4xjOZOTGdcbzuwUY/zeBXhcF+Md3e5PQ
        EylloI7MNGbadPGb
        -----END AGE ENCRYPTED FILE-----
        """
    static let forSSH = """
        -----BEGIN AGE ENCRYPTED FILE-----
        YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNzaC1lZDI1NTE5IDJjd0R4dyB2R3Ns
        VUNHaXBiTEJaNU5BMFFQZUpCYWJqODFyTTZ4WWZoRVpUd2M2aTBFCkduUFJHb1U2
        K3RqWVQrLzE4anZKZ3h2T3c2MFpZTHlGaHprcElXenByWTAKLS0tIG56MHFSZERl
        em9PWmRMMTY4aytYTnVZN04yeER5Z2E3TWxWT3JTZWR2ekUKp/HZLy4MzQqoszGk
        +P0hSPPNhOhvFwv4AqCw1+A+WyeHGQPq
        -----END AGE ENCRYPTED FILE-----
        """
    static let sshKey = """
        -----BEGIN OPENSSH PRIVATE KEY-----
        b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW
        QyNTUxOQAAACA/lovFmcNm13waXLP1hArbQsz9/TpHp0uqR1h1hhSbzQAAAIgCXDMIAlwz
        CAAAAAtzc2gtZWQyNTUxOQAAACA/lovFmcNm13waXLP1hArbQsz9/TpHp0uqR1h1hhSbzQ
        AAAEBJdWTJ8dC0OnMcwy4gQ96sp6KG8GE9EiyhFGhKldKiST+Wi8WZw2bXfBpcs/WECttC
        zP39OkenS6pHWHWGFJvNAAAABFRlc3QB
        -----END OPENSSH PRIVATE KEY-----
        """
}
