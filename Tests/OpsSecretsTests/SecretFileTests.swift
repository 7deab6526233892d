import Foundation
import OpsCore
import Testing

@testable import OpsSecrets

struct SecretFileTests {
    @Test func `age reads what is written here and the other way round`() throws {
        try withScratch { directory in
            let key = TestKey()
            let keyFile = directory.appending(path: "key.txt")
            try key.write(to: keyFile)
            for size in [0, 1, 65_535, 65_536, 65_537, 200_000] {
                let plain = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
                for armored in [false, true] {
                    let file = try Age.encrypt(plain, to: [key.recipient], armored: armored)
                    let judged = try Judge.run(["age", "-d", "-i", keyFile.path], input: file)
                    #expect(judged.status == 0 && Array(judged.output) == plain)
                    let theirs = try Judge.run(
                        ["age", "-r", key.recipient.name] + (armored ? ["-a"] : []), input: plain)
                    #expect(try Age.decrypt(theirs.output, with: [key.identity]) == plain)
                }
            }
        }
    }

    @Test(arguments: ["yaml", "json"])
    func `a SOPS file of the judge loads`(_ format: String) throws {
        try withScratch { directory in
            let key = TestKey()
            let plain = """
                {"smtp": {"host": "mail.example.org", "port": 587, "tls": true, "list": ["a", 2.5, {"b": "ü"}]},
                 "public_unencrypted": "hello", "none": null, "empty": ""}
                """
            let file = try Judge.python(
                "python3", [judges.appending(path: "sops_judge.py").path, "encrypt", format, key.recipient.name],
                input: Data(plain.utf8))
            #expect(file.status == 0)
            let value = try SecretFile.value(of: Array(file.output), file: "smtp.yml", keyring: key.keyring)
            #expect(value["smtp"]?["host"] == .secret(Secret("mail.example.org")))
            #expect(value["smtp"]?["port"] == .secret(Secret("587")))
            #expect(value["smtp"]?["tls"] == .bool(true))
            #expect(value["smtp"]?["list"]?.list?[1] == .secret(Secret("2.5")))
            #expect(value["smtp"]?["list"]?.list?[2]["b"] == .secret(Secret("ü")))
            #expect(value["public_unencrypted"] == "hello")
            #expect(value["none"] == .null)
            #expect(throws: Diagnostic.self) {
                try SecretFile.value(of: Array(file.output), file: "smtp.yml", keyring: TestKey().keyring)
            }
        }
    }

    @Test func `a known vault opens`() throws {
        let text = """
            $ANSIBLE_VAULT;1.1;AES256
            33303331333233333334333533363337333833393631363236333634363536363330333133323333
            3334333533363337333833393631363236333634363536360a616636666135656337376132386435
            64303734346230396264666131336662393233376132343536363037663533313137633862613965
            3737353364353461330a336531383164623838366139306136363063646232396239636261376561
            66326361613762656463313137633666326437356133386136313832303965393333

            """
        let keyring = SecretKeyring(passwords: [VaultPassword(Secret("hunter2"))])
        let value = try SecretFile.value(of: Array(text.utf8), file: "v.yml", keyring: keyring)
        #expect(value["smtp_password"] == .secret(Secret("s3cret")))
    }
}
