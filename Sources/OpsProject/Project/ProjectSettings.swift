import OpsCore
import OpsYAML

/// What `opsctl.yml` says. Everything in it is optional.
public struct ProjectSettings: Sendable, Hashable {
    /// Taken where no environment is named.
    public var defaultEnvironment: String?
    public var environments: [String: Environment] = [:]
    public var ssh = SSH()
    /// Unrendered; the engine gives them their meaning.
    public var notifications: Located?

    public struct Environment: Sendable, Hashable {
        /// Asks before anything is changed.
        public var confirm = false
        /// Most hosts worked at once; nil: the program's default.
        public var forks: Int?
        /// Files with age identities or SSH keys that open the environment's secrets; relative to the project.
        public var identities: [String] = []

        public init() {}
    }

    /// Defaults for connections; variables of hosts win over them.
    public struct SSH: Sendable, Hashable {
        public var user: String?
        public var port: Int?
        public var identityFile: String?
        public var connectTimeout: Duration?
        public var keepaliveInterval: Duration?
        public var hostKeys: HostKeys?
        public var config: String?

        public init() {}
    }

    /// What happens with unknown host keys.
    public enum HostKeys: String, Sendable, CaseIterable {
        case strict
        case acceptNew = "accept-new"
        case off
    }

    public init() {}

    /// Reads the settings; unknown keys are reported.
    public init(_ node: YAMLNode, into diagnostics: inout DiagnosticCollector) {
        var reader = MappingReader(node, subject: "opsctl.yml")
        defaultEnvironment = reader.string("default_environment")
        if let node = reader.node("environments") { readEnvironments(node, &reader) }
        if let node = reader.node("ssh") { ssh = SSH(node, &reader) }
        notifications = reader.node("notifications").map { Located($0) }
        reader.finish()
        diagnostics.add(contentsOf: reader.diagnostics.diagnostics)
    }

    private mutating func readEnvironments(_ node: YAMLNode, _ outer: inout MappingReader) {
        let all = MappingReader(node, subject: "'environments'")
        outer.add(contentsOf: all.diagnostics)
        for entry in all.entries {
            guard let name = entry.key.string else { continue }
            var reader = MappingReader(entry.value, subject: "the environment '\(name)'")
            var environment = Environment()
            environment.confirm = reader.bool("confirm") ?? false
            environment.forks = reader.int("forks", in: 1...1000)
            environment.identities = reader.strings("identity") ?? []
            reader.finish()
            outer.add(contentsOf: reader.diagnostics)
            environments[name] = environment
        }
    }
}

extension ProjectSettings.SSH {
    fileprivate init(_ node: YAMLNode, _ outer: inout MappingReader) {
        var reader = MappingReader(node, subject: "'ssh'")
        user = reader.string("user")
        port = reader.int("port", in: 1...65535)
        identityFile = reader.string("identity_file")
        connectTimeout = reader.duration("connect_timeout")
        keepaliveInterval = reader.duration("keepalive_interval")
        hostKeys = reader.choice("host_keys")
        config = reader.string("config")
        reader.finish()
        outer.add(contentsOf: reader.diagnostics)
    }
}
