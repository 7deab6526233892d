import Foundation
import OpsCore
import Testing

@testable import OpsSecrets

/// What somebody without the key can do to the text of an encrypted file: copy, move, retype and insert. The checksum
/// leaves comments out, and nothing authenticates the kind of a value.
struct SopsAttackTests {
    private let key = TestKey()

    private func sealed(_ text: String, _ format: SecretFile.Format) throws -> String {
        String(
            decoding: try SopsFile.encrypt(Array(text.utf8), format: format, file: "f", recipients: [key.recipient]),
            as: UTF8.self)
    }

    /// What the file is refused with; nil if it opens.
    private func refusal(_ text: String) -> Diagnostic? {
        do {
            _ = try SopsFile(Array(text.utf8), file: "f", keyring: key.keyring)
            return nil
        } catch { return error as? Diagnostic ?? Diagnostic(code: "other", "\(error)") }
    }

    private func ciphertexts(_ text: String, _ kind: String) -> [String] {
        text.matches(of: /ENC\[[^\]]*type:(\w+)\]/).filter { $0.1 == kind }.map { String($0.0) }
    }

    @Test func `a copy retyped as a comment doesn't lengthen a list`() throws {
        let file = try sealed("admins:\n    - ann\n    - bob\nother: x\n", .sopsYAML)
        let item = ciphertexts(file, "str")[0]
        let copy = item.replacing("type:str]", with: "type:comment]")
        #expect(refusal(file) == nil)
        let attacked = refusal(file.replacing("    - \(item)\n", with: "    - \(item)\n    - \(copy)\n"))
        #expect(attacked?.code == "secret-damaged" && attacked?.location?.line == 3)
        #expect(refusal(file.replacing("    - \(item)\n", with: "    - \(item)\n    - \(item)\n"))?.code == "secret-mac")
        let json = try sealed("{\"admins\": [\"ann\", \"bob\"]}", .sopsJSON)
        let first = ciphertexts(json, "str")[0]
        let retyped = first.replacing("type:str]", with: "type:comment]")
        #expect(refusal(json.replacing("\"\(first)\"", with: "\"\(first)\", \"\(retyped)\""))?.code == "secret-damaged")
    }

    @Test func `an encrypted comment doesn't become a list item`() throws {
        let file = try sealed("admins:\n    # root\n    - ann\n", .sopsYAML)
        let comment = try #require(ciphertexts(file, "comment").first)
        let attacked = file.replacing("    #\(comment)\n", with: "    - \(comment)\n")
        #expect(attacked != file && refusal(attacked)?.code == "secret-damaged")
    }

    @Test func `a value made a comment brings no keys into the plain text`() throws {
        let file = try sealed("list:\n    - |\n        one\n        admin: true\n    - two\n", .sopsYAML)
        let item = ciphertexts(file, "str")[0].replacing("type:str]", with: "type:comment]")
        let attacked = file.replacing("list:\n", with: "list:\n    # note\n    #\(item)\n")
        let opened = try SopsFile(Array(attacked.utf8), file: "f", keyring: key.keyring)
        #expect(try PlainDocument(opened.plaintext, format: .sopsYAML, file: "f").paths == [["list", "0"], ["list", "1"]])
    }

    @Test(arguments: ["int", "float", "bool", "time", "bytes", "comment", "nonsense"])
    func `a text under another type is refused or stays that text`(_ kind: String) throws {
        for text in ["plain text", "7", "True", "2020-01-02T00:00:00Z", "x: y\nadmin: true", "2020-01-02T00:00:00Z\nadmin: true"] {
            let file = try sealed("a: \(SopsYAML.quoted(text))\nb: z\n", .sopsYAML)
            let attacked = file.replacing("type:str]", with: "type:\(kind)]")
            guard let opened = try? SopsFile(Array(attacked.utf8), file: "f", keyring: key.keyring) else { continue }
            let plain = try PlainDocument(opened.plaintext, format: .sopsYAML, file: "f")
            #expect(plain.paths == [["a"], ["b"]], "\(kind) \(text)")
        }
    }

    @Test(arguments: [
        (SecretFile.Format.sopsDotenv, "USER=ann\nPASSWORD=secret\n", "PASSWORD=", "dotenv-duplicate-key"),
        (.sopsINI, "[db]\nuser = ann\npassword = secret\n", "password =", "ini-duplicate-key"),
        (.sopsINI, "[db]\nuser = ann\npassword = secret\n", "[db]\npassword =", "ini-duplicate-key"),
        (.sopsINI, "[db]\nuser = ann\npassword = secret\n", "[sops]\nage =", "ini-duplicate-key"),
        (.sopsYAML, "user: ann\npassword: secret\n", "password: \"\"", "yaml-duplicate-key"),
        (.sopsYAML, "user: ann\npassword: secret\n", "!x password: \"\"", "yaml-duplicate-key"),
        (.sopsJSON, "{\n\"user\": \"ann\",\n\"password\": \"secret\"\n}", "\"password\": \"\",", "json-duplicate-key"),
    ])
    func `a name that is there twice is refused, with its place`(
        _ format: SecretFile.Format, _ plain: String, _ added: String, _ code: String
    ) throws {
        var lines = try sealed(plain, format).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        // Below the password, but before metadata; in JSON above it, as the last entry has no comma.
        let mark = added.hasPrefix("[sops]") ? "[sops]" : format == .sopsDotenv ? "PASSWORD" : "password"
        let place = try #require(lines.firstIndex { $0.contains(mark) })
        lines.insert(added, at: format == .sopsJSON || mark == "[sops]" ? place : place + 1)
        let error = refusal(lines.joined(separator: "\n"))
        #expect(error?.code == code && (error?.location?.line ?? 0) > 1, "\(String(describing: error))")
    }

    @Test func `names nested without end are refused, not followed`() throws {
        let file = try sealed("A=b\n", .sopsDotenv)
        let deep = "sops_a" + String(repeating: "__map_a", count: 50_000) + "=x\n"
        #expect(refusal(file + deep)?.code == "secret-damaged")
    }
}
