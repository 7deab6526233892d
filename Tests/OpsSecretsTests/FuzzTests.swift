import Foundation
import OpsCore
import Testing

@testable import OpsSecrets

/// Every parser, fed with nonsense for a bounded time: an error or a value, never a crash or a hang.
struct FuzzTests {
    static let seconds = ProcessInfo.processInfo.environment["OPSCTL_FUZZ_SECONDS"].flatMap(Double.init) ?? 1

    static let seeds: [String] = [
        "a: b\n", "sops:\n  mac: x\n", "a:\n  - b: [1, {c: d}]\n  # c\n  - |\n    x\n",
        "{\"a\": [1, null, \"\\u00e9\"]}",
        "[s]\na = `b`\n; c\n", "A=b\n#c\n", "$ANSIBLE_VAULT;1.1;AES256\n3061\n",
        "age-encryption.org/v1\n-> X25519 ab\n",
        "-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n", "ENC[AES256_GCM,data:AA==,iv:AA==,tag:AA==,type:str]",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjE=\n",
        "AGE-SECRET-KEY-1QQQQ", "age1qqqq", "? [a]\n: b\n", "a: \"x\n  y\" # z\nb: 'it''s'\n", "- &a [*a]\n",
        "\u{FEFF}a: ü\r\nb: c\r",
    ]

    private func mutate(_ seed: [UInt8], _ numbers: inout DamageTests.Numbers) -> [UInt8] {
        var bytes = seed
        for _ in 0..<Int.random(in: 1...4, using: &numbers) {
            let position = Int.random(in: 0...bytes.count, using: &numbers)
            switch Int.random(in: 0..<4, using: &numbers) {
            case 0: bytes.insert(UInt8.random(in: 0...255, using: &numbers), at: position)
            case 1: if position < bytes.count { bytes.remove(at: position) }
            case 2:
                let marks = Array("#:-[]{}\"'|>\n ,&*!=;`\\\t".utf8)
                bytes.insert(marks[Int.random(in: 0..<marks.count, using: &numbers)], at: position)
            default: bytes += bytes.prefix(position)
            }
        }
        // Some repeat themselves for long: what nests or adds up shows in size only.
        if Int.random(in: 0..<16, using: &numbers) == 0, !bytes.isEmpty {
            let start = Int.random(in: 0..<bytes.count, using: &numbers)
            let unit = bytes[start..<min(start + Int.random(in: 1...12, using: &numbers), bytes.count)]
            bytes.insert(contentsOf: Array(repeatElement(unit, count: 60_000 / unit.count).joined()), at: start)
        }
        return Array(bytes.prefix(65_536))
    }

    /// Runs `body` on mutated seeds until the time is over.
    private func fuzz(_ seeds: [[UInt8]], _ body: ([UInt8]) throws -> Void) {
        var numbers = DamageTests.Numbers(state: 99)
        let clock = ContinuousClock()
        let end = clock.now + .seconds(Self.seconds)
        var runs = 0
        while clock.now < end || runs < 200 {
            let input = mutate(seeds[runs % seeds.count], &numbers)
            let time = clock.measure { try? body(input) }
            #expect(time < .seconds(20))
            runs += 1
        }
    }

    @Test func `files of any kind`() throws {
        let files = try DamageTests.Kind.allCases.map { try DamageTests.intact($0) }
        fuzz(Self.seeds.map { Array($0.utf8) } + files) { input in
            _ = SecretFile.detect(input)
            _ = try SecretFile.value(of: input, file: "f", keyring: DamageTests.keyring)
        }
    }

    @Test(arguments: [SecretFile.Format.sopsYAML, .sopsJSON, .sopsDotenv, .sopsINI])
    func `what encrypts at all decrypts to the same`(_ format: SecretFile.Format) throws {
        let recipient = AgeX25519Identity()
        let texts = SopsFileTests.plaintexts.values.map { Array($0.utf8) }
        fuzz(Self.seeds.map { Array($0.utf8) } + texts) { input in
            guard
                let file = try? SopsFile.encrypt(
                    input, format: format, file: "f", recipients: [recipient.recipient])
            else { return }
            guard SopsDetection.format(file) == format else { return }
            let opened = try? SopsFile(file, file: "f", keyring: SecretKeyring(identities: [recipient]))
            let text = String(decoding: input.prefix(500), as: UTF8.self)
            #expect(opened.map { Self.values($0.decrypted) } == (try? Self.values(input, format)), "\(text)")
        }
    }

    private static func values(_ opened: SopsDecrypted) -> [Place] {
        zip(opened.document.leaves, opened.values).filter { !$0.0.isComment }.map { Place(path: $0.path, value: $1) }
    }

    private static func values(_ plain: [UInt8], _ format: SecretFile.Format) throws -> [Place] {
        let document = try PlainDocument(plain, format: format, file: "f").document
        return document.leaves.filter { !$0.isComment }.map { Place(path: $0.path, value: $0.scalar) }
    }

    private struct Place: Equatable {
        var path: [String]
        var value: SopsScalar?
    }

    /// Authentic all around, mutated inside: what somebody with the key may have encrypted.
    @Test func `plaintexts of whole files`() throws {
        let password = DamageTests.password
        let vault = AnsibleVault(passwords: [password])
        let seeds = Self.seeds + ["a: &x {b: [1, *y]}\nc: *x\n<<: *x\n", "!!binary |\n  AA==\n", "a: !vault x\n? b\n"]
        fuzz(seeds.map { Array($0.utf8) }) { input in
            let file = Array(try vault.encrypt(input, with: password).utf8)
            #expect(try vault.decrypt(file) == input)
            _ = try SecretFile.value(of: file, file: "f", keyring: DamageTests.keyring)
        }
    }

    @Test func `inline values among other YAML`() throws {
        let inline = try InlineVault.encrypt(Secret("two\nlines"), with: DamageTests.password, indent: 4)
        let seeds = ["a: \(inline)b: [1]\n", "- \(inline)- x\n", "a:\n  b: \(inline)", "{a: !vault x, b: &y [*y]}\n"]
        fuzz(seeds.map { Array($0.utf8) }) { input in
            _ = try? InlineVault.plainValues(input, file: "f")
            _ = try InlineVault.decrypting(input, file: "f", keyring: DamageTests.keyring)
        }
    }

    @Test func `merges of lines`() {
        let texts = ["a: 1\nb: 2\nc: 3\n", "x\nx\nx\n", "a\n\nb\n"].map { Array($0.utf8) }
        var numbers = DamageTests.Numbers(state: 3)
        func lines(_ bytes: [UInt8]) -> [String] {
            let text = String(decoding: bytes.prefix(2000), as: UTF8.self)
            return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        }
        fuzz(texts) { base in
            let (ours, theirs) = (lines(mutate(base, &numbers)), lines(mutate(base, &numbers)))
            #expect(try LineMerge.merge(base: lines(base), ours: ours, theirs: lines(base)) == ours)
            #expect(try LineMerge.merge(base: lines(base), ours: ours, theirs: ours) == ours)
            let merged = try LineMerge.merge(base: lines(base), ours: ours, theirs: theirs)
            #expect(Set(merged).isSubset(of: Set(ours + theirs)))
        }
    }

    @Test func `paths of values`() {
        let value: Value = ["a": ["b.c": .list(["x", .secret(Secret("y"))]), "": .null]]
        fuzz(["a.b\\.c.1", "a..", "\\", "-1.99999999999999999999", "a.\u{0}"].map { Array($0.utf8) }) { input in
            let path = SecretPath.parse(String(decoding: input, as: UTF8.self))
            _ = SecretPath.value(at: path, in: value)
            #expect(!path.isEmpty)
            #expect(SecretPath.parse(path.map(Self.escaped).joined(separator: ".")) == path)
        }
    }

    private static func escaped(_ key: String) -> String {
        String(key.flatMap { $0 == "." || $0 == "\\" ? ["\\", $0] : [$0] })
    }

    @Test func `keys, recipients and identities`() {
        fuzz(Self.seeds.map { Array($0.utf8) }) { input in
            let text = String(decoding: input, as: UTF8.self)
            _ = try? AgeRecipients.parse(text)
            _ = try? IdentityFile.parse(text, origin: "f") { _ in nil }
            _ = try? AgeHeader(parsing: input)
            _ = try? SopsConfig(input, file: "/f")
            _ = VaultPasswordSource(vaultID: text)
        }
    }
}
