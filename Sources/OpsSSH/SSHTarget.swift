import OpsCore

/// Where and how to log in.
public struct SSHTarget: Sendable, Hashable {
    /// Name or address to connect to.
    public var host: String
    public var port: Int
    public var user: String
    /// Name under which the host key is known, if it isn't `host` (HostKeyAlias).
    public var hostKeyAlias: String?
    /// Private key files, in the order to try.
    public var identities: [Identity]
    /// Offer those keys only, not everything that the agent holds.
    public var identitiesOnly: Bool
    /// Path of the agent's socket; nil for no agent.
    public var agentSocket: String?
    /// For the methods `password` and `keyboard-interactive`. Without one, `LoginPrompts` is asked.
    public var password: Secret?
    /// Hosts to go through, the nearest first.
    public var jumps: [SSHTarget]
    public var hostKeyPolicy: HostKeyPolicy
    /// Files to look the host key up in; new keys are added to the first.
    public var knownHostsFiles: [String]
    /// More files to look it up in, never written.
    public var globalKnownHostsFiles: [String]
    /// Covers name lookup, connecting, key exchange and login; not the time that a person takes to answer.
    public var connectTimeout: Duration
    public var keepAlive: KeepAlive?

    public init(host: String, port: Int = 22, user: String, environment: LocalEnvironment = .current) {
        self.host = host
        self.port = port
        self.user = user
        identities = Identity.defaults(home: environment.home)
        identitiesOnly = false
        agentSocket = environment.agentSocket
        jumps = []
        hostKeyPolicy = .strict
        knownHostsFiles = ["\(environment.home)/.ssh/known_hosts", "\(environment.home)/.ssh/known_hosts2"]
        globalKnownHostsFiles = ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"]
        connectTimeout = .seconds(10)
        keepAlive = KeepAlive()
    }

    /// `deploy@10.77.0.11:22`, for messages.
    public var peer: String { "\(user)@" + (host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)") }
}

/// A private key file.
public struct Identity: Sendable, Hashable {
    public var path: String
    /// Somebody asked for this file, so its absence is worth a word.
    public var isExplicit: Bool

    public init(path: String, isExplicit: Bool = true) {
        self.path = path
        self.isExplicit = isExplicit
    }

    /// The files that OpenSSH looks for.
    public static func defaults(home: String) -> [Identity] {
        ["id_ed25519", "id_ecdsa", "id_rsa"].map { Identity(path: "\(home)/.ssh/\($0)", isExplicit: false) }
    }
}

/// What to do about host keys (StrictHostKeyChecking).
public enum HostKeyPolicy: String, Sendable, Hashable {
    /// The host key must be known.
    case strict
    /// Unknown hosts' keys are added to known_hosts; changed and revoked ones are refused.
    case acceptNew = "accept-new"
    /// Anything goes, apart from revoked keys. Whoever is in between can read everything.
    case off
}

/// Asking the host for a sign of life while nothing else comes from it.
public struct KeepAlive: Sendable, Hashable {
    public var interval: Duration
    /// Unanswered in a row, after which the connection counts as lost.
    public var countMax: Int

    public init(interval: Duration = .seconds(15), countMax: Int = 3) {
        self.interval = interval
        self.countMax = countMax
    }
}

/// Who and where we are on this machine.
public struct LocalEnvironment: Sendable, Hashable {
    public var home: String
    public var user: String
    public var agentSocket: String?

    public init(home: String, user: String, agentSocket: String? = nil) {
        self.home = home
        self.user = user
        self.agentSocket = agentSocket
    }
}
