import OpsCore

extension SSHConfig {
    /// Where and how to log in to a host.
    /// - Parameters:
    ///   - host: as the user calls it; `Host` blocks are looked up by this.
    ///   - user: wins over the files; so does `port`.
    /// - Throws: values that can't be read, `ProxyCommand` and unsupported `Match` criteria where they apply.
    public func target(
        for host: String, user: String? = nil, port: Int? = nil
    ) throws(DiagnosticError) -> SSHTarget {
        do {
            return try target(host, user, port, followsJumps: true, depth: 0)
        } catch {
            throw DiagnosticError(error)
        }
    }

    private static let maximumJumps = 8

    private func target(
        _ host: String, _ user: String?, _ port: Int?, followsJumps: Bool, depth: Int
    ) throws(Diagnostic) -> SSHTarget {
        let values = try SSHConfigValues(self, host: host, user: user, isJump: depth > 0)
        let user = user ?? values.text("user") ?? environment.user
        var target = SSHTarget(host: host, user: user, environment: environment)
        let configuredPort = try values.port("port")
        target.port = port ?? configuredPort ?? 22
        var tokens = SSHConfigTokens(
            host: host, originalHost: host, port: target.port, user: target.user, environment: environment)
        if let name = values["hostname"] { target.host = try tokens.expand(name.first, at: name.location) }
        tokens.host = target.host
        target.hostKeyAlias = values.text("hostkeyalias")
        try applyKeys(values, tokens, to: &target)
        try applyHostKeys(values, tokens, to: &target)
        try applyTimes(values, to: &target)
        if followsJumps { target.jumps = try jumps(values, tokens, depth: depth) }
        return target
    }

    private func applyKeys(
        _ values: SSHConfigValues, _ tokens: SSHConfigTokens, to target: inout SSHTarget
    ) throws(Diagnostic) {
        if !values.identityFiles.isEmpty {
            target.identities = []
            for option in values.identityFiles where option.first.lowercased() != "none" {
                target.identities.append(Identity(path: try tokens.path(option.first, at: option.location)))
            }
        }
        target.identitiesOnly = try values.flag("identitiesonly") ?? false
        guard let agent = values["identityagent"] else { return }
        switch agent.first {
        case "none": target.agentSocket = nil
        case "SSH_AUTH_SOCK": target.agentSocket = environment.agentSocket
        default: target.agentSocket = try tokens.path(agent.first, at: agent.location)
        }
    }

    private func applyHostKeys(
        _ values: SSHConfigValues, _ tokens: SSHConfigTokens, to target: inout SSHTarget
    ) throws(Diagnostic) {
        if let option = values["stricthostkeychecking"] {
            switch option.first.lowercased() {
            case "yes", "ask", "true": target.hostKeyPolicy = .strict
            case "accept-new": target.hostKeyPolicy = .acceptNew
            case "no", "off", "false": target.hostKeyPolicy = .off
            default: throw option.problem("is not yes, ask, accept-new or no")
            }
        }
        if let option = values["userknownhostsfile"] {
            target.knownHostsFiles = try tokens.paths(option)
        }
        if let option = values["globalknownhostsfile"] {
            target.globalKnownHostsFiles = try tokens.paths(option)
        }
    }

    private func applyTimes(_ values: SSHConfigValues, to target: inout SSHTarget) throws(Diagnostic) {
        if let timeout = try values.duration("connecttimeout"), timeout > .zero { target.connectTimeout = timeout }
        let interval = try values.duration("serveraliveinterval")
        let countMax = try values.number("serveralivecountmax")
        if interval == .zero {
            target.keepAlive = nil
        } else if var keepAlive = target.keepAlive {
            keepAlive.interval = interval ?? keepAlive.interval
            keepAlive.countMax = countMax ?? keepAlive.countMax
            target.keepAlive = keepAlive
        }
    }

    /// The nearest host first. As with ssh, only the first one's own jump hosts count.
    private func jumps(
        _ values: SSHConfigValues, _ tokens: SSHConfigTokens, depth: Int
    ) throws(Diagnostic) -> [SSHTarget] {
        guard let option = values["proxyjump"], option.first.lowercased() != "none" else { return [] }
        if option.keyword == "proxycommand" {
            throw Diagnostic(
                code: "proxy-command", "ProxyCommand is not supported", at: option.location,
                hints: ["ProxyJump HOST does the same for hosts that are reached through another one"])
        }
        var route: [SSHTarget] = []
        for (index, text) in option.first.split(separator: ",").enumerated() {
            guard let place = SSHPlace(String(text)), depth < SSHConfig.maximumJumps else {
                throw option.problem(depth < SSHConfig.maximumJumps ? "is not [user@]host[:port]" : "leads in a circle")
            }
            var jump = try target(place.host, place.user, place.port, followsJumps: index == 0, depth: depth + 1)
            route += jump.jumps
            jump.jumps = []
            route.append(jump)
        }
        return route
    }
}

extension SSHConfigOption {
    /// The parser lets no option through without a value.
    var first: String { arguments.first ?? "" }

    func problem(_ what: String) -> Diagnostic {
        Diagnostic(code: "ssh-config", "\(keyword): '\(first)' \(what)", at: location)
    }
}

extension SSHConfigValues {
    func text(_ keyword: String) -> String? { self[keyword]?.first }

    func number(_ keyword: String) throws(Diagnostic) -> Int? {
        guard let option = self[keyword] else { return nil }
        guard let number = Int(option.first), number >= 0 else { throw option.problem("is not a number") }
        return number
    }

    func port(_ keyword: String) throws(Diagnostic) -> Int? {
        guard let option = self[keyword] else { return nil }
        guard let port = Int(option.first), 1...65535 ~= port else { throw option.problem("is not a port") }
        return port
    }

    func flag(_ keyword: String) throws(Diagnostic) -> Bool? {
        guard let option = self[keyword] else { return nil }
        switch option.first.lowercased() {
        case "yes", "true": return true
        case "no", "false": return false
        default: throw option.problem("is not yes or no")
        }
    }

    func duration(_ keyword: String) throws(Diagnostic) -> Duration? {
        guard let option = self[keyword], option.first.lowercased() != "none" else { return nil }
        guard let duration = Duration(parsing: option.first) else { throw option.problem("is not a time") }
        return duration
    }
}
