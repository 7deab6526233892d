import ArgumentParser

/// A command that works on plaintext, so its errors show no lines of files.
protocol PlaintextCommand: AsyncParsableCommand {}

struct Secrets: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make, read and change encrypted files.",
        discussion: """
            Files below secrets/ENV/ are SOPS documents for age recipients: keys readable, values encrypted. Ansible \
            Vault and age files are read and written too. The first time:

              opsctl secrets keygen             your identity, and its recipient
              opsctl secrets init production    asks for every key of secrets.example/
              opsctl secrets check              does all open, is all there?

            Values come from a prompt or from standard input, never from the command line, where others could see \
            them. A file is replaced as a whole: after any failure the old one is still there.
            """,
        groupedSubcommands: [
            CommandGroup(name: "Begin", subcommands: [SecretsKeygen.self, SecretsInit.self, SecretsGenerate.self]),
            CommandGroup(name: "Read and change", subcommands: [SecretsView.self, SecretsSet.self, SecretsEdit.self, SecretsDiff.self]),
            CommandGroup(name: "Whole files", subcommands: [SecretsEncrypt.self, SecretsDecrypt.self, SecretsRekey.self, SecretsMigrate.self]),
            CommandGroup(name: "In git", subcommands: [SecretsCheck.self, SecretsTextconv.self, SecretsMerge.self]),
        ])
}
