import ArgumentParser

/// Which environment a command works on.
struct EnvironmentOptions: ParsableArguments {
    @Option(name: [.short, .customLong("inventory")], help: ArgumentHelp("Inventory file, directory or host list.", valueName: "path"))
    var inventory: [String] = []

    @Option(name: [.short, .customLong("limit")], help: ArgumentHelp("Only these hosts: names, groups, patterns.", valueName: "pattern"))
    var limit: String?

    @Option(
        name: [.customShort("e"), .customLong("extra-vars")],
        help: ArgumentHelp("Variables: key=value, JSON, YAML or @file.", valueName: "vars"))
    var extraVars: [String] = []

    @Option(
        name: .customLong("vault-password-file"),
        help: ArgumentHelp("File or script that gives the Ansible Vault password.", valueName: "path"))
    var vaultPasswordFile: [String] = []

    @Option(help: ArgumentHelp("Ansible Vault password by id: ID@FILE or ID@prompt.", valueName: "id"))
    var vaultId: [String] = []

    @Option(help: ArgumentHelp("age identity or SSH key that opens the secrets.", valueName: "path"))
    var identity: [String] = []

    @Flag(name: [.customShort("K"), .customLong("ask-become-pass")], help: "Ask for the sudo password.")
    var askBecomePass = false

    @Flag(name: [.customShort("k"), .customLong("ask-pass")], help: "Ask for the SSH password.")
    var askPass = false

    @Option(name: .customLong("private-key"), help: ArgumentHelp("SSH key to log in with.", valueName: "path"))
    var privateKey: String?

    @Option(name: [.customShort("u"), .customLong("user")], help: ArgumentHelp("Log in as this user.", valueName: "name"))
    var user: String?

    @Option(name: .customLong("host-key-checking"), help: ArgumentHelp("strict, accept-new or off.", valueName: "policy"))
    var hostKeyChecking: String?

    @Option(help: ArgumentHelp("Give up connecting after this time.", valueName: "time"))
    var connectTimeout: String?
}

/// How a command reports.
struct OutputOptions: ParsableArguments {
    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    @Option(name: [.short, .long], help: "text, or json: one event per line.")
    var output: Format = .text

    @Flag(name: [.short, .long], help: "Show every step, and what commands print.")
    var verbose = false
}

/// How a playbook is run.
struct RunFlags: ParsableArguments {
    @Flag(name: [.customShort("C"), .long], help: "Only look: report what would change.")
    var check = false

    @Flag(name: [.customShort("D"), .long], help: "Show before and after of changed files.")
    var diff = false

    @Option(name: [.short, .long], help: ArgumentHelp("Only steps with these tags.", valueName: "tags"))
    var tags: [String] = []

    @Option(help: ArgumentHelp("No steps with these tags.", valueName: "tags"))
    var skipTags: [String] = []

    @Option(name: [.short, .long], help: ArgumentHelp("Most hosts worked at once.", valueName: "count"))
    var forks: Int?

    @Option(help: ArgumentHelp("Most time for one command of a step.", valueName: "time"))
    var timeout: String?

    @Option(help: ArgumentHelp("Skip every step before the one of this name.", valueName: "name"))
    var startAtStep: String?
}
