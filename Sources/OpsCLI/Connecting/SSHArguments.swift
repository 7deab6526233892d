import OpsCore
import OpsSSH

/// The arguments for `ssh` that an inventory may hold (`ansible_ssh_common_args`), as lines of an SSH configuration.
struct SSHArguments {
    /// `Keyword value`, in the order given; the first of a keyword wins.
    private(set) var lines: [String] = []

    /// - Throws: a `Diagnostic` for an argument that has no meaning here.
    init(parsing text: String, host: String) throws {
        var words = text.split(separator: " ").map { $0.trimmingQuotes() }[...]
        while let word = words.popFirst() {
            let (flag, joined) = (String(word.prefix(2)), String(word.dropFirst(2)))
            if Self.ignored.contains(word) { continue }
            guard let keyword = Self.keywords[flag] else {
                throw Diagnostic(
                    code: "unsupported-ssh-argument", "the ssh argument '\(word)' of \(host) is not supported",
                    hints: ["-o, -i, -J, -l and -p are; other settings belong in ~/.ssh/config"])
            }
            guard let value = joined.isEmpty ? words.popFirst() : joined else {
                throw Diagnostic(code: "bad-ssh-argument", "the ssh argument '\(word)' of \(host) needs a value")
            }
            if keyword.isEmpty, Self.ignoredOptions.contains(where: { value.lowercased().hasPrefix($0) }) { continue }
            lines.append(keyword.isEmpty ? value.replacing("=", with: " ", maxReplacements: 1) : "\(keyword) \(value)")
        }
    }

    private static let keywords = ["-o": "", "-i": "IdentityFile", "-J": "ProxyJump", "-l": "User", "-p": "Port"]
    /// Compression, verbosity and terminals make no difference to what opsctl does.
    private static let ignored: Set<String> = ["-C", "-q", "-v", "-vv", "-vvv", "-T", "-tt", "-t", "-4", "-6"]
    /// Sharing of connections between processes, which one connection per host makes needless.
    private static let ignoredOptions = [
        "controlmaster", "controlpersist", "controlpath", "compression", "loglevel", "pubkeyacceptedalgorithms",
        "pubkeyacceptedkeytypes", "preferredauthentications",
    ]

    /// The configuration with these lines in front, so that they win.
    func applied(to config: SSHConfig) throws -> SSHConfig {
        lines.isEmpty ? config : try config.preceded(by: lines.joined(separator: "\n"), from: "ansible_ssh_common_args")
    }
}

extension Substring {
    fileprivate func trimmingQuotes() -> String {
        guard count >= 2, let first, first == last, first == "'" || first == "\"" else { return filter { $0 != "'" && $0 != "\"" } }
        return String(dropFirst().dropLast())
    }
}
