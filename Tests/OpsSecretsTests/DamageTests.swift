import Foundation
import OpsCore
import Testing

@testable import OpsSecrets

/// Damaged files: every one is refused, with a diagnostic that shows none of the content, and none crashes.
struct DamageTests {
    static let secretWord = "SENTINEL-8c1d"
    static let key = TestKey()
    static let password = VaultPassword(Secret("pw"))
    static let keyring = SecretKeyring(identities: [key.identity], passwords: [password])

    enum Kind: String, CaseIterable, Sendable {
        case ageBinary, ageArmored, sopsYAML, sopsJSON, sopsDotenv, sopsINI, vault, inlineVault
    }

    static func intact(_ kind: Kind) throws -> [UInt8] {
        func sops(_ format: SecretFile.Format, _ text: String) throws -> [UInt8] {
            try SopsFile.encrypt(Array(text.utf8), format: format, file: "f", recipients: [key.recipient])
        }
        let yaml = "password: \(secretWord)\nother: second \(secretWord)\nlist: [1, true]\n"
        switch kind {
        case .ageBinary: return try Age.encrypt(Array(yaml.utf8), to: [key.recipient])
        case .ageArmored: return try Age.encrypt(Array(yaml.utf8), to: [key.recipient], armored: true)
        case .sopsYAML: return try sops(.sopsYAML, yaml)
        case .sopsJSON:
            return try sops(.sopsJSON, "{\"password\": \"\(secretWord)\", \"other\": [\"\(secretWord)\", 3]}")
        case .sopsDotenv: return try sops(.sopsDotenv, "PASSWORD=\(secretWord)\nOTHER=x\(secretWord)\n")
        case .sopsINI: return try sops(.sopsINI, "[a]\npassword = \(secretWord)\nother = 2\(secretWord)\n")
        case .vault:
            return Array(try AnsibleVault(passwords: []).encrypt(Array(yaml.utf8), with: password).utf8)
        case .inlineVault:
            return Array("password: \(try InlineVault.encrypt(Secret(secretWord), with: password, indent: 2))".utf8)
        }
    }

    /// What a file's reader gives.
    static func open(_ kind: Kind, _ bytes: [UInt8]) throws -> Value {
        guard kind == .inlineVault else { return try SecretFile.value(of: bytes, file: "f", keyring: keyring) }
        guard let plain = try InlineVault.decrypting(bytes, file: "f", keyring: keyring) else { throw SecretFile.plain("f") }
        let value = try PlainYAML.value(of: plain, file: "f")
        // The key that a value stands under isn't encrypted, so only the values count.
        return .list(SecretDiff.leaves(of: value).map(\.1))
    }

    /// Deterministic, so that a failure can be looked at again.
    struct Numbers: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }

    @Test(arguments: Kind.allCases)
    func `two hundred damaged variants are refused`(_ kind: Kind) throws {
        let file = try Self.intact(kind)
        let original = try Self.open(kind, file)
        var numbers = Numbers(state: 7)
        var (refused, tried) = (0, 0)
        while tried < 300 {
            let variant = Self.damage(file, round: tried, using: &numbers)
            tried += 1
            do {
                let value = try Self.open(kind, variant)
                // A change that touches nothing of meaning may pass, if it changes no value.
                #expect(value == original, "variant \(tried)")
            } catch {
                refused += 1
                #expect(error is Diagnostic || error is DiagnosticError)
                #expect(!"\(error)".contains(Self.secretWord), "variant \(tried)")
            }
        }
        #expect(refused >= 200, "\(refused) of \(tried)")
    }

    private static func damage(_ file: [UInt8], round: Int, using numbers: inout Numbers) -> [UInt8] {
        var bytes = file
        let position = Int.random(in: 0..<bytes.count, using: &numbers)
        let other = Int.random(in: 0..<bytes.count, using: &numbers)
        switch round % 8 {
        case 6, 7: return rearranged(file, round: round, using: &numbers)
        case 0: bytes[position] ^= UInt8(1 << Int.random(in: 0..<7, using: &numbers))
        case 1: bytes = Array(bytes[..<position])
        case 2: bytes.remove(at: position)
        case 3: bytes.insert(UInt8.random(in: 33..<127, using: &numbers), at: position)
        case 4: bytes.swapAt(position, other)
        default:
            let end = min(position + 24, bytes.count)
            bytes.replaceSubrange(position..<end, with: file[other..<min(other + 24, file.count)])
        }
        return bytes
    }

    /// Whole lines copied, left out or exchanged, as somebody does who knows the format.
    private static func rearranged(_ file: [UInt8], round: Int, using numbers: inout Numbers) -> [UInt8] {
        var lines = file.split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
        let (one, other) = (Int.random(in: 0..<lines.count, using: &numbers), Int.random(in: 0..<lines.count, using: &numbers))
        switch round % 3 {
        case 0: lines.insert(lines[one], at: other)
        case 1: lines.swapAt(one, other)
        default: lines.remove(at: one)
        }
        return Array(lines.joined(separator: [10]))
    }

    @Test(arguments: [SecretFile.Format.sopsYAML, .sopsJSON, .sopsDotenv, .sopsINI])
    func `a value moved to another key is found out and located`(_ format: SecretFile.Format) throws {
        let texts: [SecretFile.Format: String] = [
            .sopsYAML: "one: aaa\ntwo: bbb\n", .sopsJSON: "{\n\"one\": \"aaa\",\n\"two\": \"bbb\"\n}\n",
            .sopsDotenv: "one=aaa\ntwo=bbb\n", .sopsINI: "[s]\none = aaa\ntwo = bbb\n",
        ]
        let plain = Array((texts[format] ?? "").utf8)
        let file = try SopsFile.encrypt(plain, format: format, file: "f", recipients: [Self.key.recipient])
        var text = String(decoding: file, as: UTF8.self)
        let values = text.matches(of: /ENC\[[^\]]*type:str\]/).map { String($0.output) }
        text = text.replacing(values[0], with: "@").replacing(values[1], with: values[0]).replacing(
            "@", with: values[1])
        let error = #expect(throws: Diagnostic.self) {
            try SecretFile.value(of: Array(text.utf8), file: "f", keyring: Self.keyring)
        }
        #expect(error?.code == "secret-damaged" && error?.message.contains("one") == true)
        #expect(error?.location?.line == (format == .sopsJSON || format == .sopsINI ? 2 : 1))
    }

    @Test func `a plain value, a removed one and an added one are found out`() throws {
        let file = String(decoding: try Self.intact(.sopsYAML), as: UTF8.self)
        func code(_ text: String) -> String? {
            do {
                _ = try SecretFile.value(of: Array(text.utf8), file: "f", keyring: Self.keyring)
                return nil
            } catch { return (error as? Diagnostic)?.code }
        }
        #expect(code(file) == nil)
        let lines = file.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(code(lines.dropFirst().joined(separator: "\n")) == "secret-mac")
        #expect(code("extra_unencrypted: 1\n" + file) == "secret-mac")
        #expect(code((["password: plain"] + lines.dropFirst()).joined(separator: "\n")) == "secret-plain-value")
        #expect(code(file.replacing("lastmodified: \"2", with: "lastmodified: \"3")) == "secret-mac")
    }
}
