import Foundation
import OpsCore
import Testing

@testable import OpsSecrets

/// Which values are encrypted, and what the checksum covers.
struct SopsRulesTests {
    static let plain = """
        password: one
        api_secret: two
        host: three
        # sops:enc
        nested:
            inner: four
        after: five # sops:enc

        """

    private func encryptedKeys(_ rule: SopsRule) throws -> Set<String> {
        let key = TestKey()
        let file = try SopsFile.encrypt(
            Array(Self.plain.utf8), format: .sopsYAML, file: "f", recipients: [key.recipient], rule: rule)
        let value = try SopsFile(file, file: "f", keyring: key.keyring).value
        return Set(SecretDiff.leaves(of: value).filter { $0.1.containsSecret }.map(\.0))
    }

    @Test func `each rule chooses the values it names`() throws {
        let all: Set = ["password", "api_secret", "host", "nested.inner", "after"]
        #expect(try encryptedKeys(.standard) == all)
        #expect(try encryptedKeys(.unencryptedSuffix("_secret")) == all.subtracting(["api_secret"]))
        #expect(try encryptedKeys(.encryptedSuffix("_secret")) == ["api_secret"])
        #expect(try encryptedKeys(.unencryptedRegex("^(host|nested)$")) == ["password", "api_secret", "after"])
        #expect(try encryptedKeys(.encryptedRegex("(?i)^PASS|nested")) == ["password", "nested.inner"])
        #expect(try encryptedKeys(.encryptedCommentRegex("sops:enc")) == ["nested.inner", "after"])
        #expect(try encryptedKeys(.unencryptedCommentRegex("sops:enc")) == ["password", "api_secret", "host"])
        #expect(throws: Diagnostic.self) { try encryptedKeys(.encryptedRegex("(")) }
    }

    @Test(arguments: ["encrypted_regex=^password$", "unencrypted_regex=host", "encrypted_suffix=_secret"])
    func `the judge's rules and checksums are understood`(_ option: String) throws {
        let key = TestKey()
        let script = judges.appending(path: "sops_judge.py").path
        for options in [[option], [option, "mac_only_encrypted=true"]] {
            let file = try Judge.python(
                "python3", [script, "encrypt", "yaml", key.recipient.name] + options, input: Data(Self.plain.utf8))
            let opened = try SopsFile(Array(file.output), file: "f", keyring: key.keyring)
            #expect(opened.value["nested"]?["inner"]?.revealed == "four")
            let onlyEncrypted = options.count == 2
            let changed = file.text.replacing("three", with: "THREE").replacing("five", with: "FIVE")
            let result = Result { try SopsFile(Array(changed.utf8), file: "f", keyring: key.keyring) }
            #expect((try? result.get()) == nil || onlyEncrypted || changed == file.text)
        }
    }

    @Test(arguments: [
        SopsRule.standard, .encryptedCommentRegex("sops:enc"), .unencryptedCommentRegex("sops:enc"), .encryptedRegex("^(1|yes|inner)$"),
    ])
    func `the judge agrees which values are encrypted, and on keys that look like numbers`(_ rule: SopsRule) throws {
        try withScratch { directory in
            let key = TestKey()
            try key.write(to: directory.appending(path: "key"))
            let plain = Self.plain + "1: six\nyes: seven\n0x1F: eight # sops:enc\n"
            for onlyEncrypted in [false, true] {
                let file = try SopsFile.encrypt(
                    Array(plain.utf8), format: .sopsYAML, file: "f", recipients: [key.recipient], rule: rule,
                    macOnlyEncrypted: onlyEncrypted)
                let script = judges.appending(path: "sops_judge.py").path
                let judged = try Judge.python(
                    "python3", [script, "decrypt", "yaml", directory.appending(path: "key").path], input: file)
                let values = try JSONDecoder().decode([String: JSONText].self, from: judged.output)
                #expect(values["password"] == .text("one") && values["after"] == .text("five"))
                #expect(values["nested"] == .object(["inner": "four"]))
                #expect([values["1"], values["yes"], values["0x1F"]] == [.text("six"), .text("seven"), .text("eight")])
            }
        }
    }

    private enum JSONText: Decodable, Equatable {
        case text(String)
        case object([String: String])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            self = try (try? container.decode(String.self)).map(JSONText.text) ?? .object(container.decode([String: String].self))
        }
    }

    /// SOPS takes no rule, and an empty one, for its default (stores.go `ToInternal`, main.go `getEncryptConfig`).
    @Test func `no rule is the default rule`() throws {
        let key = TestKey()
        let text = "a: x\nb_unencrypted: y\n"
        let file = try SopsFile.encrypt(Array(text.utf8), format: .sopsYAML, file: "f", recipients: [key.recipient])
        for line in ["", "    unencrypted_suffix: \"\"\n"] {
            let bare = String(decoding: file, as: UTF8.self).replacing("    unencrypted_suffix: _unencrypted\n", with: line)
            let value = try SopsFile(Array(bare.utf8), file: "f", keyring: key.keyring).value
            #expect(value["a"]?.containsSecret == true && value["b_unencrypted"] == "y")
        }
        for suffix in ["''", "~"] {
            let config = "creation_rules:\n  - age: [\(key.recipient.name)]\n    unencrypted_suffix: \(suffix)\n"
            #expect(try SopsConfig(Array(config.utf8), file: "/x/.sops.yaml").rules.map(\.rule) == [.standard])
        }
        let two = "creation_rules:\n  - age: [\(key.recipient.name)]\n    unencrypted_suffix: ''\n    encrypted_regex: x\n"
        #expect(try SopsConfig(Array(two.utf8), file: "/x/.sops.yaml").rules.map(\.rule) == [.encryptedRegex("x")])
    }

    @Test func `mac_only_encrypted lets plain values change, and nothing else`() throws {
        let key = TestKey()
        let file = try SopsFile.encrypt(
            Array(Self.plain.utf8), format: .sopsYAML, file: "f", recipients: [key.recipient],
            rule: .encryptedRegex("password"), macOnlyEncrypted: true)
        let text = String(decoding: file, as: UTF8.self)
        #expect(text.contains("mac_only_encrypted: true"))
        let changed = Array(text.replacing("host: three", with: "host: other").utf8)
        #expect(try SopsFile(changed, file: "f", keyring: key.keyring).value["host"] == "other")
        let unmarked = Array(text.replacing("    mac_only_encrypted: true\n", with: "").utf8)
        #expect(throws: Diagnostic.self) { try SopsFile(unmarked, file: "f", keyring: key.keyring) }
    }

    @Test func `numbers and times have one canonical form`() {
        let floats: [(Double, String)] = [
            (3, "3"), (0.1, "0.1"), (1e21, "1000000000000000000000"), (1e-7, "0.0000001"), (-2.50, "-2.5"),
            (1.7976931348623157e308, "17976931348623157" + String(repeating: "0", count: 292)),
            (1234.56789, "1234.56789"),
            (-0.0, "-0"), (123_456_789_012_345_680, "123456789012345680"),
        ]
        for (number, text) in floats { #expect(SopsScalar.shortest(number) == text) }
        let scalars: [(String, SopsScalar?)] = [
            ("0644", SopsScalar(.int, "420")), ("0o14", SopsScalar(.int, "12")), ("0x1F", SopsScalar(.int, "31")),
            ("0b101", SopsScalar(.int, "5")), ("1_000", SopsScalar(.int, "1000")), ("-7", SopsScalar(.int, "-7")),
            ("+7", SopsScalar(.int, "7")), ("1.", SopsScalar(.float, "1")), (".5", SopsScalar(.float, "0.5")),
            ("1e3", SopsScalar(.float, "1000")), ("yes", SopsScalar(.string, "yes")), ("~", nil),
            ("2020-1-2", SopsScalar(.time, "2020-01-02T00:00:00Z")), ("1.2.3", SopsScalar(.string, "1.2.3")),
            ("2020-01-02 03:04:05.600 +02:00", SopsScalar(.time, "2020-01-02T03:04:05.6+02:00")),
            ("0899", SopsScalar(.float, "899")), ("TRUE", SopsScalar(bool: true)), ("0x", SopsScalar(.string, "0x")),
        ]
        for (text, scalar) in scalars { #expect(SopsYAMLScalar.resolve(plain: text) == scalar, "\(text)") }
    }

    @Test func `what SOPS can't hold is refused with its place`() {
        let recipient = TestKey().recipient
        func error(_ text: String, _ format: SecretFile.Format = .sopsYAML) -> Diagnostic? {
            #expect(throws: Diagnostic.self) {
                try SopsFile.encrypt(Array(text.utf8), format: format, file: "f", recipients: [recipient])
            }
        }
        #expect(error("a: &x 1\nb: *x\n") != nil)
        #expect(error("a: &x [1]\nb: *x\n")?.location == SourceLocation(file: "f", line: 1, column: 4))
        #expect(error("- a\n")?.code == "secret-unsupported")
        #expect(error("? [a]\n: b\n")?.code == "secret-unsupported")
        #expect(error("a: 1\nb: [\n")?.code == "yaml-syntax")
        #expect(error("a: 1\n---\nb: 2\n") != nil)
        #expect(error("{\"a\": 1,}", .sopsJSON)?.code == "json-syntax")
        #expect(error("{\"a\": 1, \"a\": 2}", .sopsJSON)?.code == "json-duplicate-key")
        #expect(error("novalue\n", .sopsDotenv)?.location?.line == 1)
        #expect(error("[a\nb = c\n", .sopsINI)?.code == "ini-syntax")
    }
}
