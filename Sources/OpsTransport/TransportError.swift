import OpsCore

/// Why a host could not be talked to. Everything here makes a host `unreachable`, except `timedOut`
/// of a single command, `shellEnded` and `cancelled`.
public enum TransportError: Error, Sendable, Hashable {
    /// No connection: name not found, refused, no route, closed before the greeting.
    case connectFailed(peer: String, reason: String)
    /// The host did not answer within the connect timeout.
    case connectTimedOut(peer: String, after: Duration)
    /// The host key is not the known one, unknown under `strict`, or revoked. Nothing was sent.
    case hostKeyRefused(HostKeyProblem)
    /// No authentication method succeeded.
    case loginRefused(peer: String, user: String, tried: [String], offered: [String])
    /// The connection broke while in use.
    case connectionLost(peer: String, reason: String)
    /// The host refused to open a channel (limit, policy, nothing listens at the endpoint).
    case channelRefused(peer: String, what: String, reason: String)
    /// A command did not end within its time; it was stopped.
    case timedOut(peer: String, what: String, after: Duration)
    /// The shell that scripts run in was killed or closed by a script; the host itself still answers.
    case shellEnded(peer: String, reason: String)
    /// The user or a caller gave up.
    case cancelled(peer: String)
    /// The host broke the protocol.
    case protocolViolation(peer: String, reason: String)
    /// Something on this machine is in the way: unreadable key file, bad configuration, no agent.
    case localProblem(peer: String, Diagnostic)
}

/// What is wrong with a host key, with all that a user needs to judge it.
public struct HostKeyProblem: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        case unknown
        case changed
        case revoked
    }

    public var kind: Kind
    /// As it would stand in known_hosts: `10.77.0.11` or `[10.77.0.11]:2222`.
    public var host: String
    public var keyType: String
    /// `SHA256:...` of the key that the host showed.
    public var shown: String
    /// `SHA256:...` of the keys known for the host, of any type.
    public var known: [String]
    /// The known_hosts line that disagrees, or the file that a line would be added to.
    public var location: SourceLocation?

    public init(
        kind: Kind, host: String, keyType: String, shown: String, known: [String], location: SourceLocation?
    ) {
        self.kind = kind
        self.host = host
        self.keyType = keyType
        self.shown = shown
        self.known = known
        self.location = location
    }
}

extension TransportError {
    /// Reason and next action, for people.
    public var diagnostic: Diagnostic {
        switch self {
        case .connectFailed(let peer, let reason):
            Diagnostic(code: "connect-failed", "cannot connect to \(peer): \(reason)")
        case .connectTimedOut(let peer, let after):
            Diagnostic(
                code: "connect-timeout", "\(peer) did not answer within \(after.brief)",
                hints: ["check that the host is up and that a firewall lets you in; 'ansible_ssh_timeout' or ConnectTimeout sets the time"])
        case .hostKeyRefused(let problem):
            problem.diagnostic
        case .loginRefused(let peer, let user, let tried, let offered):
            Diagnostic(
                code: "login-refused", "\(peer) refused the login of '\(user)'",
                hints: [
                    "tried: " + (tried.isEmpty ? "nothing (no key, agent or password to offer)" : tried.joined(separator: ", ")),
                    "the host accepts: " + (offered.isEmpty ? "it did not say" : offered.joined(separator: ", ")),
                ])
        case .connectionLost(let peer, let reason):
            Diagnostic(code: "connection-lost", "the connection to \(peer) was lost: \(reason)")
        case .channelRefused(let peer, let what, let reason):
            Diagnostic(code: "channel-refused", "\(peer) refused \(what): \(reason)")
        case .timedOut(let peer, let what, let after):
            Diagnostic(code: "timed-out", "\(what) on \(peer) did not finish within \(after.brief)")
        case .shellEnded(let peer, let reason):
            Diagnostic(
                code: "shell-ended", "the shell on \(peer) ended before the command did: \(reason)",
                hints: ["a script that kills its own shell ('kill $$') or a host short of memory does this"])
        case .cancelled(let peer):
            Diagnostic(code: "cancelled", "the work on \(peer) was interrupted")
        case .protocolViolation(let peer, let reason):
            Diagnostic(code: "protocol-violation", "\(peer) broke the protocol: \(reason)")
        case .localProblem(_, let diagnostic):
            diagnostic
        }
    }
}

extension HostKeyProblem {
    var diagnostic: Diagnostic {
        switch kind {
        case .unknown:
            Diagnostic(
                code: "host-key-unknown",
                "the host key of \(host) is not known: \(keyType) \(shown)\(location.map { " is not in \($0.file)" } ?? "")",
                hints: [
                    "compare the fingerprint with the host's own (ssh-keygen -lf /etc/ssh/ssh_host_\(shortType)_key.pub on its console)",
                    "then add it (ssh \(host)), or accept new keys with --host-key-checking accept-new",
                ])
        case .changed:
            Diagnostic(
                code: "host-key-changed",
                "the host key of \(host) has changed: known \(known.joined(separator: ", ")), shown \(keyType) \(shown)",
                at: location,
                hints: [
                    "someone may be between you and the host; nothing was sent",
                    "if the host was reinstalled, remove its old key: ssh-keygen -R '\(host)'",
                ])
        case .revoked:
            Diagnostic(
                code: "host-key-revoked", "the host key of \(host) is revoked: \(keyType) \(shown)", at: location,
                hints: ["the key was marked @revoked here; give the host a new key"])
        }
    }

    private var shortType: String {
        keyType.hasPrefix("ecdsa") ? "ecdsa" : keyType.hasSuffix("rsa") ? "rsa" : "ed25519"
    }
}
