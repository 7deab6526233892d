import Foundation
import OpsCore
import Testing

@testable import OpsSecrets

/// Whole SOPS files: what is written here the judge reads, and the other way round.
struct SopsFileTests {
    static let plaintexts: [SecretFile.Format: String] = [
        .sopsYAML: """
        # who sends the mail
        smtp:
            host: mail.example.org # inline
            port: 587
            ratio: 3.0
            tiny: 1e-7
            tls: true
            yes_word: "yes"
            nothing: null
            empty: ""
            # a list
            users:
                - name: ann
                  tags: [a, 'b c', "d\\"e", 12]
                # the second
                - name: bob
            key: |
                -----BEGIN KEY-----
                  indented ü
                -----END KEY-----
            folded: plain text over
                two lines

        since: 2020-01-02
        octal: 0644
        note_unencrypted: seen by all
        # the end

        """,
        .sopsJSON: """
        {
          "smtp": {"host": "mail.example.org", "port": 587, "ratio": 2.5, "tls": false, "none": null},
          "list": ["a", {"b": "ü\\n"}, []],
          "note_unencrypted": "seen by all"
        }

        """,
        .sopsDotenv: "# mail\nHOST=mail.example.org\nPASSWORD=a = b # c\nLINES=one\\ntwo\n\nNOTE_unencrypted=seen\n",
        .sopsINI:
            "before = any section\n; mail\n[smtp]\nhost = mail.example.org\npassword = `a;b`\n\n# second\n[other]\nnote_unencrypted = seen\n",
    ]
    static let names: [SecretFile.Format: String] = [
        .sopsYAML: "yaml", .sopsJSON: "json", .sopsDotenv: "dotenv", .sopsINI: "ini",
    ]
    static let formats: [SecretFile.Format] = [.sopsYAML, .sopsJSON, .sopsDotenv, .sopsINI]

    private func plaintext(_ format: SecretFile.Format) -> [UInt8] { Array((Self.plaintexts[format] ?? "").utf8) }

    private func judge(_ command: String, _ format: SecretFile.Format, _ who: String, _ input: [UInt8]) throws -> Judge
    {
        let script = judges.appending(path: "sops_judge.py").path
        return try Judge.python("python3", [script, command, Self.names[format] ?? "", who], input: input)
    }

    @Test(arguments: formats)
    func `encrypting and decrypting gives the same text`(_ format: SecretFile.Format) throws {
        let key = TestKey()
        let plain = plaintext(format)
        let file = try SopsFile.encrypt(plain, format: format, file: "f", recipients: [key.recipient])
        #expect(SecretFile.detect(file) == format)
        #expect(!String(decoding: file, as: UTF8.self).contains("example"))
        #expect(String(decoding: file, as: UTF8.self).contains("seen"))
        let opened = try SopsFile(file, file: "f", keyring: key.keyring)
        let again = try SopsFile(
            try SopsFile.encrypt(opened.plaintext, format: format, file: "f", recipients: [key.recipient]),
            file: "f", keyring: key.keyring)
        #expect(again.value == opened.value)
        if format != .sopsYAML {
            #expect(String(decoding: opened.plaintext, as: UTF8.self) == String(decoding: plain, as: UTF8.self))
        }
    }

    @Test(arguments: formats)
    func `the judge reads what is written here`(_ format: SecretFile.Format) throws {
        try withScratch { directory in
            let key = TestKey()
            let keyFile = directory.appending(path: "key.txt")
            try key.write(to: keyFile)
            let file = try SopsFile.encrypt(plaintext(format), format: format, file: "f", recipients: [key.recipient])
            let judged = try judge("decrypt", format, keyFile.path, file)
            #expect(judged.status == 0)
            #expect(judged.text.contains("mail.example.org"))
            let opened = try SopsFile(file, file: "f", keyring: key.keyring)
            let changed = try opened.replacing(
                plaintext: Array(
                    String(decoding: opened.plaintext, as: UTF8.self).replacing("mail.", with: "post.").utf8))
            let judgedAgain = try judge("decrypt", format, keyFile.path, changed)
            #expect(judgedAgain.status == 0)
            #expect(judgedAgain.text == judged.text.replacing("mail.", with: "post."))
        }
    }

    @Test(arguments: formats)
    func `what the judge writes opens here`(_ format: SecretFile.Format) throws {
        let key = TestKey()
        let file = try judge("encrypt", format, key.recipient.name, plaintext(format))
        #expect(file.status == 0)
        let opened = try SopsFile(Array(file.output), file: "f", keyring: key.keyring)
        let text = String(decoding: opened.plaintext, as: UTF8.self)
        #expect(text.contains("mail.example.org"))
        #expect(!text.contains("sops"))
        #expect(try opened.replacing(plaintext: opened.plaintext) == Array(file.output))
    }

    @Test(arguments: formats)
    func `an edit leaves all other bytes alone`(_ format: SecretFile.Format) throws {
        let key = TestKey()
        let file = try SopsFile.encrypt(plaintext(format), format: format, file: "f", recipients: [key.recipient])
        let opened = try SopsFile(file, file: "f", keyring: key.keyring)
        let path = format == .sopsDotenv ? ["HOST"] : ["smtp", "host"]
        let changed = try opened.setting(path, to: Secret("other \"host\": #x"))
        let before = String(decoding: file, as: UTF8.self).split(separator: "\n")
        let after = String(decoding: changed, as: UTF8.self).split(separator: "\n")
        #expect(before.count == after.count)
        let differing = zip(before, after).filter { $0 != $1 }.map(\.1)
        #expect(differing.count <= 3, "the value, lastmodified and mac")
        let reopened = try SopsFile(changed, file: "f", keyring: key.keyring)
        #expect(
            (format == .sopsDotenv ? reopened.value["HOST"] : reopened.value["smtp"]?["host"])?.revealed
                == "other \"host\": #x")
        #expect(try reopened.replacing(plaintext: reopened.plaintext) == changed)
    }

    @Test(arguments: formats)
    func `a new key is added`(_ format: SecretFile.Format) throws {
        let key = TestKey()
        let file = try SopsFile.encrypt(plaintext(format), format: format, file: "f", recipients: [key.recipient])
        let path = format == .sopsINI ? ["smtp", "new"] : ["new"]
        let changed = try SopsFile(file, file: "f", keyring: key.keyring).setting(path, to: Secret("a\nb"))
        let reopened = try SopsFile(changed, file: "f", keyring: key.keyring)
        #expect((format == .sopsINI ? reopened.value["smtp"]?["new"] : reopened.value["new"])?.revealed == "a\nb")
        if format == .sopsYAML {
            let deep = try reopened.setting(["smtp", "relay", "user"], to: Secret("yes"))
            let value = try SopsFile(deep, file: "f", keyring: key.keyring).value
            #expect(value["smtp"]?["relay"]?["user"]?.revealed == "yes")
            #expect(value["smtp"]?["key"]?.revealed == "-----BEGIN KEY-----\n  indented ü\n-----END KEY-----\n")
        }
    }

    @Test(arguments: formats)
    func `rekeying changes every ciphertext and shuts out who was removed`(_ format: SecretFile.Format) throws {
        let (old, new) = (TestKey(), TestKey())
        let file = try SopsFile.encrypt(plaintext(format), format: format, file: "f", recipients: [old.recipient])
        let opened = try SopsFile(file, file: "f", keyring: old.keyring)
        let rekeyed = try opened.rekeyed(to: [new.recipient])
        let reopened = try SopsFile(rekeyed, file: "f", keyring: new.keyring)
        #expect(reopened.value == opened.value)
        #expect(reopened.recipients == [new.recipient.name])
        #expect(throws: Diagnostic.self) { try SopsFile(rekeyed, file: "f", keyring: old.keyring) }
        let before = Set(String(decoding: file, as: UTF8.self).split(separator: "data:").dropFirst())
        let after = Set(String(decoding: rekeyed, as: UTF8.self).split(separator: "data:").dropFirst())
        #expect(before.isDisjoint(with: after))
    }

    @Test func `comments are encrypted, and come back where they were`() throws {
        let key = TestKey()
        let file = try SopsFile.encrypt(plaintext(.sopsYAML), format: .sopsYAML, file: "f", recipients: [key.recipient])
        let text = String(decoding: file, as: UTF8.self)
        #expect(!text.contains("who sends") && !text.contains("inline") && !text.contains("the end"))
        let plain = String(decoding: try SopsFile(file, file: "f", keyring: key.keyring).plaintext, as: UTF8.self)
        for comment in [
            "# who sends the mail\n", "host: mail.example.org # inline\n", "    # a list\n", "        # the second\n",
            "# the end\n",
        ] {
            #expect(plain.contains(comment))
        }
    }

    @Test func `values of the plain text are typed as they were`() throws {
        let key = TestKey()
        let file = try SopsFile.encrypt(plaintext(.sopsYAML), format: .sopsYAML, file: "f", recipients: [key.recipient])
        let smtp = try #require(try SopsFile(file, file: "f", keyring: key.keyring).value["smtp"])
        #expect(
            smtp["port"]?.revealed == "587" && smtp["ratio"]?.revealed == "3" && smtp["tiny"]?.revealed == "0.0000001")
        #expect(smtp["tls"] == .bool(true) && smtp["nothing"] == .null && smtp["yes_word"]?.revealed == "yes")
        #expect(smtp["folded"]?.revealed == "plain text over two lines")
        #expect(smtp["users"]?.list?[0]["tags"]?.list?.map(\.revealed) == ["a", "b c", "d\"e", "12"])
        let kinds = String(decoding: file, as: UTF8.self)
        for kind in ["str", "int", "float", "bool", "time", "comment"] { #expect(kinds.contains("type:\(kind)]")) }
    }
}
