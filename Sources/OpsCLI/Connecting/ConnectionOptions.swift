import OpsCore
import OpsProject
import OpsSSH

/// What the command line, and below it `opsctl.yml`, says about connections.
struct ConnectionOptions: Sendable {
    var user: String?
    var privateKey: String?
    var password: Secret?
    var hostKeyPolicy: HostKeyPolicy?
    var connectTimeout: Duration?
    /// Taken where neither a variable nor the SSH configuration says anything.
    var defaults: ProjectSettings.SSH

    init(_ options: EnvironmentOptions, _ defaults: ProjectSettings.SSH) throws {
        user = options.user
        privateKey = options.privateKey
        password = options.askPass ? try Prompt.secret("SSH password:") : nil
        self.defaults = defaults
        if let text = options.hostKeyChecking {
            guard let policy = HostKeyPolicy(rawValue: text) else {
                throw CommandFailure(
                    Diagnostic(code: "bad-policy", "--host-key-checking must be strict, accept-new or off, not '\(text)'"),
                    status: .usage)
            }
            hostKeyPolicy = policy
        }
        if let text = options.connectTimeout {
            guard let timeout = Duration(parsing: text), timeout > .zero else {
                throw CommandFailure(
                    Diagnostic(code: "not-a-duration", "--connect-timeout is not a length of time: '\(text)'"),
                    status: .usage)
            }
            connectTimeout = timeout
        }
    }
}
