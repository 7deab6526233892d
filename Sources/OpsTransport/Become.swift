import OpsCore

/// How to run commands as another user.
public struct BecomeSettings: Sendable, Hashable {
    /// What changes the user. Only sudo today.
    public enum Method: String, Sendable, Hashable {
        case sudo
    }

    public var user: String
    public var method: Method
    /// The login user's password for sudo; nil asks sudo to do without one.
    public var password: Secret?
    /// Further words for sudo, such as `-H`. How the password is asked for is not theirs to say: `-n`, `-S`
    /// and `-k` are left out.
    public var flags: [String]

    /// - Parameter flags: Ansible's `become_flags`, split into words.
    public init(
        user: String = "root", method: Method = .sudo, password: Secret? = nil, flags: [String] = ["-H"]
    ) {
        self.user = user
        self.method = method
        self.password = password
        self.flags = flags
    }
}

/// Why commands cannot run as another user. The host itself is reachable.
public enum BecomeError: Error, Sendable, Hashable {
    case sudoMissing(peer: String, user: String)
    /// sudo wants a password and none was given.
    case passwordRequired(peer: String, user: String)
    case passwordWrong(peer: String, user: String)
    /// The login user is not in sudoers, or not for this.
    case notAllowed(peer: String, user: String, said: String)
    /// `requiretty` in sudoers.
    case terminalRequired(peer: String, user: String)
    case unknownUser(peer: String, user: String)
    /// The user name or a flag holds characters that no user name or flag has.
    case invalidSettings(String)
    case timedOut(peer: String, user: String, after: Duration)
    /// Anything else, in sudo's own words (bounded).
    case refused(peer: String, user: String, said: String)
}

extension BecomeError {
    /// Reason and next action, for people.
    public var diagnostic: Diagnostic {
        switch self {
        case .sudoMissing(let peer, let user):
            Diagnostic(
                code: "sudo-missing", "cannot become '\(user)' on \(peer): sudo is not installed there",
                hints: ["install sudo on the host, or log in as '\(user)' (ansible_user)"])
        case .passwordRequired(let peer, let user):
            Diagnostic(
                code: "become-password-required", "cannot become '\(user)' on \(peer): sudo needs a password",
                hints: [
                    "set ansible_become_password in an encrypted file, or give --ask-become-pass (-K)",
                    "or let the login user do without one: '<login user> ALL=(\(user)) NOPASSWD: ALL' in sudoers",
                ])
        case .passwordWrong(let peer, let user):
            Diagnostic(
                code: "become-password-wrong", "cannot become '\(user)' on \(peer): sudo did not accept the password",
                hints: ["it is the login user's own password that sudo asks for; look at ansible_become_password"])
        case .notAllowed(let peer, let user, let said):
            Diagnostic(
                code: "become-not-allowed", "cannot become '\(user)' on \(peer): sudoers does not allow it: \(said)",
                hints: ["the missing rule is '<login user> ALL=(\(user)) ALL', see visudo(8)"])
        case .terminalRequired(let peer, let user):
            Diagnostic(
                code: "become-needs-terminal", "cannot become '\(user)' on \(peer): sudo there wants a terminal",
                hints: ["add 'Defaults:<login user> !requiretty' to sudoers"])
        case .unknownUser(let peer, let user):
            Diagnostic(code: "become-unknown-user", "cannot become '\(user)' on \(peer): there is no such user")
        case .invalidSettings(let reason):
            Diagnostic(code: "become-invalid", "cannot become another user: \(reason)")
        case .timedOut(let peer, let user, let after):
            Diagnostic(
                code: "become-timeout", "cannot become '\(user)' on \(peer): sudo did not answer within \(after.brief)",
                hints: ["a slow name or directory service on the host (LDAP, DNS) does this; try 'sudo -v' there"])
        case .refused(let peer, let user, let said):
            Diagnostic(code: "become-refused", "cannot become '\(user)' on \(peer): \(said)")
        }
    }
}
