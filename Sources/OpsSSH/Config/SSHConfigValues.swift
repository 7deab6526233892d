import OpsCore

/// The options that hold for one host: the first value of each keyword, all values of `IdentityFile`.
struct SSHConfigValues {
    private let originalHost: String
    private let givenUser: String?
    private let localUser: String
    private var options: [String: SSHConfigOption] = [:]
    private(set) var identityFiles: [SSHConfigOption] = []

    /// - Throws: `Diagnostic` where a criterion would have to be known that opsctl does not evaluate.
    /// - Parameter isJump: then the command line's options don't count.
    init(_ config: SSHConfig, host: String, user: String?, isJump: Bool) throws(Diagnostic) {
        originalHost = host
        givenUser = user
        localUser = config.environment.user
        if !isJump { try apply(config.commandLine, active: true) }
        for file in config.files { try apply(file, active: true) }
    }

    subscript(_ keyword: String) -> SSHConfigOption? { options[keyword] }

    private mutating func apply(_ items: [SSHConfigItem], active outer: Bool) throws(Diagnostic) {
        var active = outer
        for item in items {
            switch item {
            case .host(let patterns): active = outer && Self.matches(originalHost, patterns)
            case .match(let criteria): active = outer ? try holds(criteria) : false
            case .include(let files): for file in files { try apply(file, active: active) }
            case .option(let option): if active { note(option) }
            }
        }
    }

    private mutating func note(_ option: SSHConfigOption) {
        if option.keyword == "identityfile" {
            identityFiles.append(option)
            return
        }
        // The two ways to go through something else share one place: the first of either wins.
        let key = option.keyword == "proxycommand" ? "proxyjump" : option.keyword
        if options[key] == nil { options[key] = option }
    }

    private func holds(_ criteria: [SSHConfigCriterion]) throws(Diagnostic) -> Bool {
        for criterion in criteria {
            let value: Bool
            switch criterion.kind {
            case .all: value = true
            case .originalhost: value = Self.matches(originalHost, criterion.patterns)
            case .host: value = Self.matches(options["hostname"]?.arguments.first ?? originalHost, criterion.patterns)
            case .user: value = Self.matches(user, criterion.patterns)
            case .localuser: value = Self.matches(localUser, criterion.patterns)
            case .exec, .canonical, .final, .tagged, .localnetwork:
                throw Diagnostic(
                    code: "ssh-config-match", "'Match \(criterion.kind.rawValue)' is not supported",
                    at: criterion.location,
                    hints: ["put what \(originalHost) needs into a Host block above this line, or into the inventory"])
            }
            if value == criterion.isNegated { return false }
        }
        return true
    }

    private var user: String { givenUser ?? options["user"]?.arguments.first ?? localUser }

    /// At least one pattern matches and none that is negated (ssh_config(5), PATTERNS).
    static func matches(_ text: String, _ patterns: [String]) -> Bool {
        var found = false
        for pattern in patterns {
            if pattern.hasPrefix("!") {
                if Glob.matches(text.lowercased(), pattern.dropFirst().lowercased()) { return false }
            } else if Glob.matches(text.lowercased(), pattern.lowercased()) {
                found = true
            }
        }
        return found
    }
}
