import Testing

/// What people see who type `--help`, or something wrong.
struct HelpTests {
    static let commands = [
        "deploy", "plan", "verify", "run", "tunnel", "status", "logs", "exec", "doctor", "check", "inventory", "vars", "render",
        "secrets", "init",
    ]
    static let secrets = [
        "keygen", "init", "edit", "view", "set", "encrypt", "decrypt", "rekey", "check", "diff", "generate", "textconv", "merge", "migrate",
    ]

    @Test(arguments: commands.map { [$0] } + secrets.map { ["secrets", $0] })
    func `every command says what it does, with examples`(_ command: [String]) async throws {
        let help = try await Scratch().opsctl(command + ["--help"])
        #expect(help.status == 0 && help.errors.isEmpty, "\(help)")
        #expect(help.output.hasPrefix("OVERVIEW: "))
        #expect(help.output.contains("USAGE: opsctl \(command.joined(separator: " "))"))
        let explanation = help.output.prefix(upTo: help.output.firstRange(of: "USAGE:")?.lowerBound ?? help.output.endIndex)
        #expect(explanation.contains("  opsctl \(command.joined(separator: " "))") || explanation.contains("  git config "), "\(help)")
    }

    @Test func `the root lists every command`() async throws {
        let help = try await Scratch().opsctl("--help")
        for command in Self.commands { #expect(help.output.contains("\n  \(command) "), "\(command)") }
        #expect(try await Scratch().opsctl("--version").output == "0.1.0\n")
    }

    @Test(arguments: [
        ["nonsense"], ["run"], ["run", "--nonsense", "site"], ["secrets", "nonsense"], ["secrets", "set", "file"],
        ["secrets", "set", "file", "key", "value"], ["secrets", "generate", "--length", "3"],
        ["secrets", "migrate", "f", "--format", "pgp"], ["secrets", "init", "../up"], ["verify", "--watch", "never"],
    ])
    func `wrong usage is status 64`(_ words: [String]) async throws {
        let result = try await Scratch.project("[]").opsctl(words)
        #expect(result.status == 64 && result.output.isEmpty, "\(result)")
        #expect(result.errors.contains("Error: "), "\(result)")
    }
}
