import Foundation
import OpsCore

/// The user's and the system's ssh_config files, as far as opsctl follows them.
///
/// Followed: Host, Match (all, host, originalhost, user, localuser), Include, HostName, HostKeyAlias, User,
/// Port, IdentityFile, IdentitiesOnly, IdentityAgent, ProxyJump, UserKnownHostsFile, GlobalKnownHostsFile,
/// StrictHostKeyChecking, ConnectTimeout, ServerAliveInterval, ServerAliveCountMax. ProxyCommand and Match
/// exec are refused where they would apply; everything else is ignored.
public struct SSHConfig: Sendable {
    /// One list for each file, the user's first; the first value found wins.
    let files: [[SSHConfigItem]]
    /// What wins over the files, for the target itself but not for its jump hosts, as with ssh's options.
    let commandLine: [SSHConfigItem]
    let environment: LocalEnvironment

    /// Nothing but defaults.
    public init(environment: LocalEnvironment = .current) {
        files = []
        commandLine = []
        self.environment = environment
    }

    private init(files: [[SSHConfigItem]], commandLine: [SSHConfigItem] = [], environment: LocalEnvironment) {
        self.files = files
        self.commandLine = commandLine
        self.environment = environment
    }

    /// Loads `~/.ssh/config` and `/etc/ssh/ssh_config`, whichever there are.
    public static func load(environment: LocalEnvironment = .current) throws(DiagnosticError) -> SSHConfig {
        try load(files: ["\(environment.home)/.ssh/config", "/etc/ssh/ssh_config"], environment: environment)
    }

    /// Loads files of the caller's choice, the most important first. Files that don't exist count as empty.
    /// - Throws: every finding at once: unclosed quotes, missing values, unknown Match criteria.
    public static func load(
        files paths: [String], environment: LocalEnvironment = .current
    ) throws(DiagnosticError) -> SSHConfig {
        var findings = DiagnosticCollector()
        let files = paths.map { path in
            guard let data = FileManager.default.contents(atPath: path) else { return [SSHConfigItem]() }
            let isSystem = path.hasPrefix("/etc/")
            let directory = isSystem ? "/etc/ssh" : "\(environment.home)/.ssh"
            var parser = SSHConfigParser(includeDirectory: directory, home: environment.home)
            let items = parser.parse(String(decoding: data, as: UTF8.self), file: path)
            findings.add(contentsOf: parser.findings.diagnostics)
            return items
        }
        try findings.throwIfErrors()
        return SSHConfig(files: files, environment: environment)
    }

    /// The same with some lines that win: what a command line's options say. They don't hold for jump hosts.
    /// - Parameter name: where the lines come from, for messages.
    public func preceded(by text: String, from name: String) throws(DiagnosticError) -> SSHConfig {
        var parser = SSHConfigParser(includeDirectory: "\(environment.home)/.ssh", home: environment.home)
        let items = parser.parse(text, file: name)
        try parser.findings.throwIfErrors()
        return SSHConfig(files: files, commandLine: items + commandLine, environment: environment)
    }
}
