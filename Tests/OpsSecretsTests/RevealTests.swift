import Foundation
import Testing

/// Every place in the sources that reads the text of a secret. A new one fails here until it is looked at and listed.
struct RevealTests {
    struct Use: Hashable, Sendable, CustomStringConvertible {
        /// Below `Sources`.
        var file: String
        /// What reads: `password.reveal`.
        var use: String
        var description: String { "\(file): \(use)" }
    }

    @Test func `every use of reveal is known and has a reason`() throws {
        let found = try Self.uses(below: sources)
        try #require(found.count > 20, "the sources were not found")
        for (use, count) in found.sorted(by: { $0.key.description < $1.key.description }) {
            let listed = Self.known[use]?.times ?? 0
            #expect(
                count == listed,
                "\(use) is there \(count) times and listed \(listed) times: is it needed? then list it with its reason")
        }
        for use in Self.known.keys { #expect(found[use] != nil, "\(use) is gone; take it off the list") }
        #expect(Self.known.values.allSatisfy { !$0.reason.isEmpty })
    }

    @Test(arguments: [
        ("print(secret.reveal { $0 })", ["secret.reveal": 1]), ("    .reveal { $0 }", [".reveal": 1]),
        ("a.reveal({ $0 }) + f(x)?.reveal { $0 } // b.reveal", ["a.reveal": 1, "f(x)?.reveal": 1]), ("x.map(\\.revealed)", ["\\.revealed": 1]),
        ("key.revealText { $0 }; key.revealText { $0 }", ["key.revealText": 2]), ("/// uses `x.reveal`", [:]),
        ("secret.revealed.count", ["secret.revealed": 1]), ("!secret.plain.isEmpty", ["secret.plain": 1]), ("style.plain", [:]), ("revealing = true", [:]),
    ])
    func `a planted use is found`(_ line: String, _ expected: [String: Int]) { #expect(Self.uses(in: line) == expected) }

    private var sources: URL {
        URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
            .appending(path: "Sources")
    }

    private static func uses(below directory: URL) throws -> [Use: Int] {
        var found: [Use: Int] = [:]
        let root = directory.resolvingSymlinksInPath().path
        for path in FileManager.default.enumerator(atPath: root)?.compactMap({ $0 as? String }) ?? [] where path.hasSuffix(".swift") {
            let text = try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)
            for line in text.split(separator: "\n") {
                for (use, count) in uses(in: String(line)) { found[Use(file: path, use: use), default: 0] += count }
            }
        }
        return found
    }

    private static func uses(in line: String) -> [String: Int] {
        // The expression takes long, and few lines have what it looks for.
        guard line.contains(".reveal") || line.contains(".plain") else { return [:] }
        let code = line.components(separatedBy: "//")[0]
        let found = code.matches(of: /(?:[\w$]+(?:\([^()]*\))?\??|\\)?\.reveal(?:Text|ed|ing)?(?!\w)|(?:secret|number)\.plain(?!\w)/).map { String($0.output) }
        return Dictionary(found.map { ($0, 1) }, uniquingKeysWith: +)
    }

    private static let known: [Use: (times: Int, reason: String)] = {
        var known: [Use: (times: Int, reason: String)] = [:]
        func list(_ file: String, _ use: String, _ times: Int, _ reason: String) { known[Use(file: file, use: use)] = (times, reason) }
        func list(_ file: String, _ use: String, _ reason: String) { list(file, use, 1, reason) }

        list("OpsCore/Redactor.swift", "secret.reveal", 6, "to know what to mask, as bytes that never leave the redactor")
        list("OpsCore/SensitiveText.swift", "secret.reveal", "passes the accessor on for text that may be secret")

        list("OpsTemplate/Runtime/JinjaValue+Conversion.swift", "secret.reveal", "templates compute with it; results are secret again")
        list("OpsProject/Variables/Templar.swift", "message.reveal", 2, "messages are shown with their secrets masked")
        list("OpsTemplate/Runtime/JinjaValue.swift", "secret.revealed", "the noted reading that makes results secret")
        list("OpsTemplate/Runtime/JinjaValue.swift", "number.revealed", 2, "the same for numbers")
        list("OpsTemplate/Runtime/JinjaValue.swift", "secret.plain", "for comparisons, whose results give nothing away")
        list("OpsTemplate/Runtime/JinjaValue.swift", "number.plain", 2, "for comparisons and the name of its type")
        list("OpsTemplate/Runtime/Comparison.swift", "secret.plain", "whether it is empty")
        list("OpsTemplate/Runtime/Comparison.swift", "number.plain", "whether it is zero")
        list("OpsTemplate/Runtime/MapKey.swift", "secret.plain", "hashed as a key")
        list("OpsTemplate/Runtime/Access.swift", "secret.plain", "a slice is secret again")
        list("OpsTemplate/Runtime/Frame.swift", "secret.plain", "its characters are secret again")
        list("OpsTemplate/Runtime/JinjaValue+Conversion.swift", "secret.plain", "leaves the rendering as a Secret")
        list("OpsTemplate/Runtime/FunctionDefinition.swift", "number.revealed", "filters see the number; what they make is secret")
        list("OpsTemplate/Runtime/Operators.swift", "a.revealed", "arithmetic, noted: what it gives is secret")
        list("OpsTemplate/Runtime/Operators.swift", "b.revealed", "arithmetic, noted: what it gives is secret")
        list("OpsTemplate/Compiler/OperatorNodes.swift", "number.revealed", "a sign before it, noted")
        list("OpsTemplate/Python/BraceFormat.swift", "number.revealed", "formats it, noted")
        list("OpsTemplate/Python/JSONWriter.swift", "number.revealed", "writes it, noted")
        list("OpsTemplate/Python/PrintedText.swift", "number.revealed", "prints it, noted")
        list("OpsTemplate/YAML/YAMLWriter.swift", "number.revealed", "writes it, noted")
        list("OpsTemplate/Runtime/Output.swift", "secret.plain", 3, "the output, which is secret from then on; told to the redactor")
        list("OpsTemplate/Template.swift", "secret.plain", 2, "the result, a Secret; told to the redactor")
        list("OpsTemplate/Python/PrintedText.swift", "secret.revealed", 2, "prints lists and mappings; noted like every reading")

        list("OpsSecrets/Age/AgeScrypt.swift", "passphrase.reveal", "scrypt's input, wiped after")
        list("OpsKeys/BcryptPBKDF.swift", "passphrase.reveal", "bcrypt's input, hashed at once")
        list("OpsSecrets/AnsibleVault/VaultCipher.swift", "password.reveal", "PBKDF2's input")
        list("OpsSecrets/AnsibleVault/VaultPassword.swift", "password.reveal", "a password's bytes, hidden again")
        list("OpsSecrets/AnsibleVault/VaultPasswordSource.swift", "answer.reveal", "takes white space off a typed password")
        list("OpsSecrets/AnsibleVault/InlineVault.swift", "secret.reveal", 2, "migrates and encrypts one value")
        list("OpsSecrets/Commands/SecretCheck.swift", "secret.reveal", "length, patterns and known defaults; only verdicts leave")
        list("OpsSecrets/Commands/SecretKeygen.swift", "identity.revealText", "writes the new identity to its file, 0600")
        list("OpsSecrets/Commands/SecretTextconv.swift", "secret.reveal", "a keyed fingerprint of the value")
        list("OpsSecrets/Commands/SecretTextconv.swift", "identity.revealText", "key material for fingerprints, wiped after")
        list("OpsSecrets/Commands/SecretTextconv.swift", "password.reveal", "key material for fingerprints, wiped after")
        list("OpsSecrets/Files/PlainDocument.swift", "secret.reveal", 2, "puts a value into plaintext that is encrypted next")

        list("OpsTransport/SudoDialogue.swift", "password.reveal", "answers sudo's question on its standard input")
        list("OpsSSH/Login/SSHConnection+Interactive.swift", "answer($0)?.reveal", "answers the server's question, encrypted by SSH")
        list("OpsSSH/Login/SSHConnection+Keys.swift", "$0.reveal", "unlocks a private key in libssh2")
        list("OpsSSH/Login/SSHConnection+Password.swift", "password.reveal", "logs in by password, encrypted by SSH")
        list("OpsMonitoring/HTTP/HTTPRequest.swift", "password.reveal", "the Authorization header of a request through SSH")

        list("OpsSteps/Model/StepWork.swift", "$0.reveal", "standard input of a script on the host")
        list("OpsSteps/Model/ValueJSON.swift", "$0.reveal", "JSON bodies of requests")
        list("OpsSteps/Modules/Commands/CommandRun.swift", "secret.reveal", "adds a line end to standard input")
        list("OpsSteps/Modules/Files/CopyModule.swift", "content.reveal", "bytes of a file on the host")
        list("OpsSteps/Modules/Files/FileContent.swift", "content.reveal", "the diff of a file; the redactor masks it")
        list("OpsSteps/Modules/Files/TemplateModule.swift", "text.reveal", "bytes of a file on the host")
        list("OpsSteps/Modules/Network/URIModule.swift", "text.reveal", 2, "a header and the body of a request")
        list("OpsSteps/Modules/Network/URIModule.swift", "user.reveal", "the login of a request")
        list("OpsSteps/Modules/Network/URIModule.swift", "password.reveal", "the login of a request")
        list("OpsSteps/Modules/Network/ArgumentReader+URL.swift", "sensitive(name)?.reveal", "the URL of a request, which is made from here")
        list("OpsSteps/Modules/Network/URIModule.swift", "SensitiveText(value)?.reveal", "form fields of a request")
        list("OpsSteps/Modules/Network/URIModule.swift", "ValueJSON.revealing", 2, "form fields and JSON bodies of requests")
        list("OpsSteps/Modules/System/UserModule.swift", "password.reveal", 2, "compares a password's hash, and gives it to chpasswd on standard input")
        list("OpsSteps/Stack/GrafanaModule.swift", "user.reveal", "logs in to Grafana")
        list("OpsSteps/Stack/GrafanaModule.swift", "password.reveal", "logs in to Grafana")
        list("OpsSteps/Stack/RunningConfiguration.swift", "SensitiveText(hash)?.reveal", "compares the checksum of a file; of one that differs the name is shown")
        list("OpsSteps/Stack/ServiceAddress.swift", "user.reveal", "logs in to Prometheus or Alertmanager")
        list("OpsSteps/Stack/ServiceAddress.swift", "password.reveal", "logs in to Prometheus or Alertmanager")
        list("OpsSteps/Trees/TreeReader.swift", "content.reveal", 2, "bytes of pushed files")

        list("OpsCLI/Commands/Render.swift", "text.reveal", 2, "prints a template: masked, or as it is with --reveal")
        list("OpsCLI/Commands/SecretsKeygen.swift", "password(length: length).reveal", "'generate' prints what it made")
        list("OpsCLI/Commands/SecretsView.swift", "secret.reveal", "'view' prints the value that was asked for")
        return known
    }()
}
