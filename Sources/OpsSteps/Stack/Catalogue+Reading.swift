import OpsCore
import OpsTransport
import OpsYAML

extension Catalogue {
    /// Reads a compose file.
    /// - Throws: `DiagnosticError` with every finding in the file's `x-opsctl` parts.
    public init(compose text: String, file: String) throws(DiagnosticError) {
        let root = try YAMLParser().parse(text, file: file).root
        var findings = DiagnosticCollector()
        projectName = root?["name"]?.string
        services = []
        for entry in root?["services"]?.mapping ?? [] {
            guard let name = entry.key.string else { continue }
            services.append(Service(name, entry.value, &findings))
        }
        if services.isEmpty {
            findings.add(Diagnostic(code: "no-services", "the compose file has no services", at: SourceLocation(file: file)))
        }
        try findings.throwIfErrors()
    }
}

extension Catalogue.Service {
    fileprivate init(_ name: String, _ node: YAMLNode, _ findings: inout DiagnosticCollector) {
        self.name = name
        image = node["image"]?.string ?? ""
        containerUser = node["user"].flatMap { $0.string ?? $0.scalar?.int.map(String.init) }
        usesHostNetwork = node["network_mode"]?.string == "host"
        published = Self.published(node["ports"]?.sequence ?? [])
        mounts = (node["volumes"]?.sequence ?? []).compactMap(Catalogue.Mount.init)
        config = []
        validate = []
        guard let opsctl = node["x-opsctl"] else { return }
        var reader = MappingReader(opsctl, subject: "x-opsctl of service '\(name)'")
        health = reader.node("health").map { Catalogue.Health($0, service: name, &findings) }
        login = reader.node("login").flatMap { Catalogue.Login($0, service: name, &findings) }
        tunnel = reader.node("tunnel").map { Catalogue.Tunnel($0, service: name, &findings) }
        config = reader.strings("config") ?? []
        reload = reader.node("reload").flatMap { Catalogue.Reload($0, service: name, health: health, &findings) }
        validate = (reader.list("validate") ?? []).compactMap { Self.command($0, &findings) }
        _ = reader.strings("secrets")
        reader.finish()
        findings.add(contentsOf: reader.diagnostics.diagnostics)
    }

    /// Short entries such as `127.0.0.1:9090:9090`; ranges and the long form are left out.
    private static func published(_ entries: [YAMLNode]) -> [Int: Endpoint] {
        var result: [Int: Endpoint] = [:]
        for entry in entries {
            let parts = (entry.string ?? "").split(separator: ":")
            guard parts.count == 3, let port = Int(parts[1]), let inside = Int(parts[2]) else { continue }
            result[inside] = .tcp(host: parts[0] == "0.0.0.0" ? "127.0.0.1" : String(parts[0]), port: port)
        }
        return result
    }

    /// `["promtool", "check", ...]` or `{command: [...]}`
    private static func command(_ node: YAMLNode, _ findings: inout DiagnosticCollector) -> [String]? {
        let words = (node["command"] ?? node).sequence?.map { $0.string ?? $0.scalar?.int.map(String.init) ?? "" } ?? []
        guard words.isEmpty || words.contains("") else { return words }
        findings.add(Diagnostic(
            code: "wrong-type", "'validate' must be a list of commands, each with 'command: [program, argument, ...]'", at: node.location))
        return nil
    }
}

extension Catalogue.Mount {
    /// Bind mounts below the project directory only: `./config/x:/etc/x:ro`, or the long form.
    fileprivate init?(_ node: YAMLNode) {
        if let text = node.string {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard parts.count >= 2, parts[0].hasPrefix("./") else { return nil }
            self.init(source: String(parts[0].dropFirst(2)), target: parts[1])
        } else {
            guard node["type"]?.string == "bind", let source = node["source"]?.string, source.hasPrefix("./"),
                let target = node["target"]?.string
            else { return nil }
            self.init(source: String(source.dropFirst(2)), target: target)
        }
    }
}

extension Catalogue.Health {
    fileprivate init(_ node: YAMLNode, service: String, _ findings: inout DiagnosticCollector) {
        var reader = MappingReader(node, subject: "health of service '\(service)'")
        scheme = reader.string("scheme") ?? "http"
        port = reader.int("port", in: 1...65535) ?? 0
        host = reader.string("host")
        path = reader.string("path") ?? "/"
        status = reader.int("status", in: 100...599) ?? 200
        body = reader.string("body")
        _ = reader.duration("timeout")
        if port == 0 { reader.add(node, "missing-key", "'health' needs a 'port'") }
        reader.finish()
        findings.add(contentsOf: reader.diagnostics.diagnostics)
    }
}

extension Catalogue.Login {
    fileprivate init?(_ node: YAMLNode, service: String, _ findings: inout DiagnosticCollector) {
        var reader = MappingReader(node, subject: "login of service '\(service)'")
        let (user, file) = (reader.string("user") ?? "", reader.string("password_file") ?? "")
        if user.isEmpty || user.contains(":") { reader.add(node, "missing-key", "'login' needs a 'user', without a colon") }
        if file.isEmpty || file.hasPrefix("/") || file.split(separator: "/").contains("..") {
            reader.add(node, "missing-key", "'login' needs a 'password_file' below the project directory")
        }
        reader.finish()
        findings.add(contentsOf: reader.diagnostics.diagnostics)
        guard reader.diagnostics.diagnostics.isEmpty else { return nil }
        self.init(user: user, passwordFile: file)
    }
}

extension Catalogue.Tunnel {
    fileprivate init(_ node: YAMLNode, service: String, _ findings: inout DiagnosticCollector) {
        var reader = MappingReader(node, subject: "tunnel of service '\(service)'")
        port = reader.int("port", in: 1...65535) ?? 0
        scheme = reader.string("scheme") ?? "http"
        path = reader.string("path") ?? "/"
        localPort = reader.int("local_port", in: 1...65535)
        login = reader.string("login")
        if port == 0 { reader.add(node, "missing-key", "'tunnel' needs a 'port'") }
        reader.finish()
        findings.add(contentsOf: reader.diagnostics.diagnostics)
    }
}

extension Catalogue.Reload {
    fileprivate init?(
        _ node: YAMLNode, service: String, health: Catalogue.Health?, _ findings: inout DiagnosticCollector
    ) {
        if node.string == "recreate" {
            self = .recreate
            return
        }
        guard node.mapping != nil else {
            findings.add(Self.unusable(node, service))
            return nil
        }
        var reader = MappingReader(node, subject: "reload of service '\(service)'")
        let path = reader.string("http")
        let signal = reader.string("signal")
        let port = reader.int("port", in: 1...65535) ?? health?.port
        reader.finish()
        findings.add(contentsOf: reader.diagnostics.diagnostics)
        if let path, let port {
            self = .http(path: path, port: port)
        } else if let signal, signal.wholeMatch(of: /(SIG)?[A-Z0-9]+/) != nil {
            self = .signal(signal)
        } else {
            findings.add(Self.unusable(node, service))
            return nil
        }
    }

    private static func unusable(_ node: YAMLNode, _ service: String) -> Diagnostic {
        Diagnostic(
            code: "bad-reload", "'reload' of service '\(service)' says nothing usable", at: node.location,
            hints: ["write 'recreate', {signal: HUP} or {http: /-/reload, port: 9090}"])
    }
}
