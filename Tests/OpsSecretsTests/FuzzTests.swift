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
        return Array(bytes.prefix(4096))
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
                    input, format: format, file: "f", recipients: [recipient.recipient], rule: nil)
            else { return }
            let opened = try? SopsFile(file, file: "f", keyring: SecretKeyring(identities: [recipient]))
            let opensAtAll = SopsDetection.format(file) == format
            #expect(opened != nil || !opensAtAll, "\(String(decoding: input, as: UTF8.self))")
        }
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
