import OpsCore
import OpsTransport
import OpsYAML

/// The compose file as the single description of the stack: services, and how opsctl treats them (`x-opsctl`).
public struct Catalogue: Sendable {
    /// `name:` of the compose file.
    public var projectName: String?
    /// In the order of the file.
    public var services: [Service]

    public subscript(name: String) -> Service? { services.first { $0.name == name } }

    /// One service of the compose file.
    public struct Service: Sendable {
        public var name: String
        public var image: String
        public var containerUser: String?
        /// Bind mounts whose source is a relative path: `./config/prometheus` → `/etc/prometheus`.
        public var mounts: [Mount]
        public var usesHostNetwork: Bool
        /// Container port → where the host publishes it, of the entries that say both.
        public var published: [Int: Endpoint]
        public var health: Health?
        public var login: Login?
        public var tunnel: Tunnel?
        /// Pushed directories that feed it, relative to the project directory.
        public var config: [String]
        public var reload: Reload?
        public var validate: [[String]]

        /// Whether a file of the pushed tree is part of its configuration.
        func isFed(by path: String) -> Bool { config.contains { path == $0 || path.hasPrefix($0 + "/") } }

        /// Where its health endpoint will be reached from the host, if the file alone tells.
        public var declaredEndpoint: Endpoint? {
            guard let health else { return nil }
            if let host = health.host { return .tcp(host: host, port: health.port) }
            return usesHostNetwork ? .tcp(host: "127.0.0.1", port: health.port) : published[health.port]
        }
    }

    public struct Mount: Sendable, Hashable {
        public var source: String
        public var target: String
    }

    /// The endpoint that tells whether a service works.
    public struct Health: Sendable {
        public var scheme: String
        /// Port inside the container.
        public var port: Int
        /// Where it listens, for services on the host's network.
        public var host: String?
        public var path: String
        public var status: Int
        /// Text that the answer must contain.
        public var body: String?
    }

    /// Who must ask the service: it refuses everybody else, on every path.
    public struct Login: Sendable, Hashable {
        public var user: String
        /// The pushed file that holds the password, relative to the project directory.
        public var passwordFile: String
    }

    /// What a user opens.
    public struct Tunnel: Sendable {
        public var port: Int
        public var scheme: String
        public var path: String
        /// The local port to offer; the service's own if nothing is said.
        public var localPort: Int?
        /// Where the login is kept: a file of the project, or a hint in words.
        public var login: String?
    }

    /// How a service takes up a changed configuration.
    public enum Reload: Sendable, Hashable {
        /// POST to a path of a container port.
        case http(path: String, port: Int)
        case signal(String)
        case recreate
    }
}
