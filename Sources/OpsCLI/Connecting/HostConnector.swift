import OpsCore
import OpsEngine
import OpsSSH
import OpsTransport

/// Makes sessions with hosts as their variables, the SSH configuration and the command line say.
struct HostConnector: Connector {
    var ssh: SSHConnector
    var config: SSHConfig
    var options: ConnectionOptions

    func connect(_ host: String, settings: [String: Value]) async throws -> HostSession {
        if Self.isLocal(host, settings) { return HostSession(transport: LocalTransport(), loginUser: LocalEnvironment.current.user) }
        let target = try target(host, settings)
        return HostSession(transport: try await ssh.connect(to: target), loginUser: target.user)
    }

    /// The bare transport, for tunnels.
    func transport(_ host: String, settings: [String: Value]) async throws -> any Transport {
        if Self.isLocal(host, settings) { return LocalTransport() }
        return try await ssh.connect(to: try target(host, settings))
    }

    private static func isLocal(_ host: String, _ settings: [String: Value]) -> Bool {
        if let connection = settings["ansible_connection"]?.string { return connection == "local" }
        return settings.isEmpty && ["localhost", "127.0.0.1", "::1"].contains(host)
    }

    /// Ansible's variables win over the SSH configuration, the command line over both.
    func target(_ host: String, _ settings: [String: Value]) throws -> SSHTarget {
        let variables = ConnectionSettings(host: host, values: settings)
        try variables.checkConnection()
        let arguments = try SSHArguments(parsing: try variables.sshArguments, host: host)
        let config = try arguments.applied(to: config)
        var target = try config.target(
            for: try variables.text("ansible_host", "ansible_ssh_host") ?? host,
            user: options.user ?? variables.text("ansible_user", "ansible_ssh_user") ?? options.defaults.user,
            port: variables.int("ansible_port", "ansible_ssh_port") ?? options.defaults.port)
        if let key = try options.privateKey ?? variables.text("ansible_private_key_file", "ansible_ssh_private_key_file")
            ?? options.defaults.identityFile
        {
            target.identities.insert(Identity(path: key.expandingTilde), at: 0)
        }
        target.password = options.password ?? variables.secret("ansible_password", "ansible_ssh_pass", "ansible_ssh_password")
        if let checking = try variables.bool("ansible_host_key_checking", "ansible_ssh_host_key_checking"), !checking {
            target.hostKeyPolicy = .off
        }
        if let policy = options.hostKeyPolicy ?? options.defaults.hostKeys.flatMap({ HostKeyPolicy(rawValue: $0.rawValue) }) {
            target.hostKeyPolicy = policy
        }
        if let timeout = try options.connectTimeout ?? variables.duration("ansible_ssh_timeout", "ansible_timeout")
            ?? options.defaults.connectTimeout
        {
            target.connectTimeout = timeout
        }
        if let interval = options.defaults.keepaliveInterval { target.keepAlive = KeepAlive(interval: interval) }
        return target
    }
}
