import OpsCore

/// One line of an ssh_config file, or the files that an `Include` stands for.
indirect enum SSHConfigItem: Sendable {
    /// `Host`: what follows holds for hosts that match the patterns.
    case host([String])
    /// `Match`: what follows holds if all criteria do.
    case match([SSHConfigCriterion])
    case option(SSHConfigOption)
    /// The items of each file; a block begun in there ends with the file.
    case include([[SSHConfigItem]])
}

struct SSHConfigOption: Sendable {
    /// Lower case.
    var keyword: String
    var arguments: [String]
    var location: SourceLocation
}

/// One condition of a `Match` line.
struct SSHConfigCriterion: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        case all, host, originalhost, user, localuser
        /// Known to OpenSSH, refused when it comes to them.
        case exec, canonical, final, tagged, localnetwork
    }

    var kind: Kind
    var isNegated: Bool
    /// Patterns, for the kinds that have them.
    var patterns: [String]
    var location: SourceLocation
}
