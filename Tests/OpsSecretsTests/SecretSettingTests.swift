import Foundation
import OpsCore
import Testing

@testable import OpsSecrets

/// A value that is set is that value afterwards, whatever is in it, and nothing else changed; or it is refused.
struct SecretSettingTests {
    static let formats: [SecretFile.Format] = [.sopsYAML, .sopsJSON, .sopsDotenv, .sopsINI]
    static let texts: [SecretFile.Format: String] = [
        .sopsYAML: "s:\n    old: x\n    other: y\n", .sopsJSON: "{\"s\": {\"old\": \"x\", \"other\": \"y\"}}",
        .sopsDotenv: "old=x\nother=y\n", .sopsINI: "[s]\nold = x\nother = y\n",
    ]
    static let values = [
        "a\r\nADMIN=true", "a\nADMIN=true", "\r\n", "x\"\"\"\nadmin = true\n[sops]\n", "\"\"\"", "`", "a`\n\"\"\"b", "C:\\new\\n", "\\",
        "ends in \\", "'a'b'", "'quoted'", "\"quoted\"", " spaces ", "\t", "# no comment", "a # b ; c", "[x]", "- x", "{}", "a: b",
        "\u{1}\u{7F}\u{85}\u{A0}\u{2028}\u{FEFF}\u{FFFE}\u{FFFF}", "e\u{301} \u{E9}", "\\n\u{301}", "\n\u{301}", "\r", "a\rb", "🔑", "null",
        "0x1F", "007", "ENC[AES256_GCM,data:AA==]", "line\nline\n\n", "\n\nline", "  indented\n    more\n",
    ]

    private func path(_ format: SecretFile.Format, _ name: String) -> [String] { format == .sopsDotenv ? [name] : ["s", name] }

    @Test(arguments: formats, ["old", "new"])
    func `a value is itself or refused`(_ format: SecretFile.Format, _ name: String) throws {
        guard format != .sopsJSON || name == "old" else { return }
        let key = TestKey()
        let plain = Array((Self.texts[format] ?? "").utf8)
        let file = try SopsFile.encrypt(plain, format: format, file: "f", recipients: [key.recipient])
        let opened = try SopsFile(file, file: "f", keyring: key.keyring)
        for text in Self.values {
            let changed: [UInt8]
            do { changed = try opened.setting(path(format, name), to: Secret(text)) } catch {
                let code = (error as? Diagnostic)?.code
                #expect(code == "secret-not-written" && format != .sopsYAML && format != .sopsJSON, "\(text.debugDescription) \(error)")
                continue
            }
            let value = try SopsFile(changed, file: "f", keyring: key.keyring).value
            func found(_ name: String) -> String? { (format == .sopsDotenv ? value : value["s"])?[name]?.revealed }
            let read = found(name) ?? ""
            #expect(Array(read.utf8) == Array(text.utf8), "\(text.debugDescription) became \(read.debugDescription)")
            #expect(found("other") == "y")
            #expect(SecretDiff.leaves(of: value).count == (name == "old" ? 2 : 3), "\(text.debugDescription)")
        }
    }

    @Test func `text that only differs in its normalization is another value`() throws {
        let key = TestKey()
        let file = try SopsFile.encrypt(Array("a: \u{E9}\n".utf8), format: .sopsYAML, file: "f", recipients: [key.recipient])
        let changed = try SopsFile(file, file: "f", keyring: key.keyring).setting(["a"], to: Secret("e\u{301}"))
        let read = try #require(try SopsFile(changed, file: "f", keyring: key.keyring).value["a"]?.revealed)
        #expect(Array(read.utf8) == Array("e\u{301}".utf8))
    }

    @Test func `names bring no lines and no sections`() throws {
        let key = TestKey()
        for (format, names) in [
            (SecretFile.Format.sopsDotenv, [["a\nADMIN"], ["a\r\nADMIN"], ["a=b"], ["#a"], ["sops_mac"], [""]]),
            (.sopsINI, [["s", "a\nb"], ["s]\n[t", "a"], ["s", "a = b"], ["s", "# a"], ["s", "[t]"], ["sops", "mac"], ["s", "a\r\nb"]]),
            (.sopsYAML, [["sops"], ["sops", "mac"], [""]]),
        ] {
            let plain = Array((Self.texts[format] ?? "").utf8)
            let opened = try SopsFile(
                SopsFile.encrypt(plain, format: format, file: "f", recipients: [key.recipient]), file: "f", keyring: key.keyring)
            for name in names {
                #expect(throws: (any Error).self, "\(name)") { try opened.setting(name, to: Secret("v")) }
            }
        }
    }

    @Test(arguments: ["18446744073709551616", "12345678901234567890", "-9223372036854775809", "1e999"])
    func `a number that would come back as another is refused`(_ number: String) throws {
        let key = TestKey()
        for (format, text) in [(SecretFile.Format.sopsYAML, "a: 1\nb: \(number)\n"), (.sopsJSON, "{\"a\": 1,\n\"b\": \(number)}")] {
            let error = #expect(throws: Diagnostic.self) {
                try SopsFile.encrypt(Array(text.utf8), format: format, file: "f", recipients: [key.recipient])
            }
            #expect(error?.location?.line == 2 && error?.message.contains(number) == false)
        }
        let quoted = try SopsFile.encrypt(Array("b: '\(number)'\n".utf8), format: .sopsYAML, file: "f", recipients: [key.recipient])
        #expect(try SopsFile(quoted, file: "f", keyring: key.keyring).value["b"]?.revealed == number)
    }
}
