import OpsCore
import OpsTemplate

/// The variables that a template sees on one host, in one step.
///
/// A variable is rendered when it is first used, and may use others; those that use each other in a circle
/// are an error. Made for one rendering after the other, on one thread.
public final class StepScope: TemplateScope {
    let host: HostVariables
    let step: Step?
    private let locals: [String: Value]
    private let templar: Templar
    private let layers: [VariableLayer]
    private let magic: MagicVariables
    private let resolution: Resolution
    /// False for what `hostvars` shows of a host.
    fileprivate let isInPlay: Bool
    private var cache: [String: Value] = [:]
    /// Mappings and lists of which some part can't be rendered; the other parts still can.
    private var partial: [String: Located] = [:]

    /// What the scopes of all hosts share while one template is rendered.
    fileprivate final class Resolution {
        let others: HostVariables.Others?
        /// Variables being rendered, outermost first.
        var open: [(host: String, name: String, location: SourceLocation)] = []
        var scopes: [String: StepScope] = [:]

        init(others: HostVariables.Others?) { self.others = others }
    }

    convenience init(
        host: HostVariables, step: Step?, locals: [String: Value], templar: Templar, others: HostVariables.Others?
    ) {
        self.init(host, step, locals, templar, Resolution(others: others))
    }

    private init(
        _ host: HostVariables, _ step: Step?, _ locals: [String: Value], _ templar: Templar, _ resolution: Resolution,
        isInPlay: Bool = true
    ) {
        self.host = host
        self.step = step
        self.locals = locals
        self.templar = templar
        self.resolution = resolution
        self.isInPlay = isInPlay
        layers = host.layers(for: step, isInPlay: isInPlay)
        magic = MagicVariables(variables: host, step: step, files: templar.files, isInPlay: isInPlay)
    }

    /// The same scope with more, or other, local variables.
    public func adding(_ more: [String: Value]) -> StepScope {
        StepScope(host, step, locals.merging(more) { $1 }, templar, Resolution(others: resolution.others))
    }

    public var names: [String] {
        Array(locals.keys) + magic.known + (isInPlay ? Self.specialNames : ["ansible_facts"])
            + layers.flatMap { Array($0.variables.keys) }
    }

    private static let specialNames = ["hostvars", "vars", "environment", "ansible_managed"] + MagicVariables.ofConnections

    public func value(of name: String) throws -> Value? {
        if let value = locals[name] ?? cache[name] { return value }
        if let value = magic.value(of: name) { return value }
        guard let (layer, located) = candidate(name) else { return try special(name) }
        if partial[name] != nil { return nil }
        do {
            let value = layer.isFinal ? located.value : try resolve(name, located)
            cache[name] = value
            return value
        } catch where located.value.map != nil || located.value.list != nil {
            // What is wrong with one part matters only to those who use it.
            partial[name] = located
            return nil
        }
    }

    /// The highest layer that has the variable.
    private func candidate(_ name: String) -> (VariableLayer, Located)? {
        for layer in layers.reversed() {
            if let located = layer.variables[name] { return (layer, located) }
        }
        return nil
    }

    /// A user may set a variable of this name, which then wins.
    private func special(_ name: String) throws -> Value? {
        if name == "ansible_facts" { return .map([:]) }
        guard isInPlay else { return nil }
        // What templates say about themselves in their first line.
        if name == "ansible_managed" { return "Ansible managed" }
        guard name == "environment", let step else { return nil }
        return .list(try step.keywords.environment.map { try templar.render($0, self) })
    }

    /// How this host is reached where no variable says otherwise. Only templates see it: it is no setting.
    private func connection(_ name: String) throws -> Value? {
        guard isInPlay else { return nil }
        if let alias = MagicVariables.aliases[name], let (layer, located) = candidate(alias) {
            return layer.isFinal ? located.value : try resolve(alias, located)
        }
        let keywords = step?.keywords ?? host.currentPlay?.keywords
        switch name {
        case "ansible_connection": return try keywords?.connection.map { try templar.render($0, self) } ?? "ssh"
        case "ansible_user", "ansible_ssh_user": return try keywords?.remoteUser.map { try templar.render($0, self) }
        default: return magic.connection(name)
        }
    }

    fileprivate func resolve(_ name: String, _ located: Located) throws -> Value {
        try checkCycle(name, located)
        resolution.open.append((host.host, name, located.location))
        defer { resolution.open.removeLast() }
        return try templar.render(located, self)
    }

    private func checkCycle(_ name: String, _ located: Located) throws(Diagnostic) {
        let open = resolution.open
        if let start = open.firstIndex(where: { $0.host == host.host && $0.name == name }) {
            let circle = open[start...].map { self.title($0.host, $0.name) } + [title(host.host, name)]
            throw Diagnostic(
                code: "variable-cycle", "variables use each other: \(circle.joined(separator: " -> "))",
                at: located.location,
                trail: open[start...].dropFirst().map { .init("'\($0.name)' is set here", at: $0.location) })
        }
        guard open.count < 60 else {
            throw Diagnostic(
                code: "variable-depth", "variables use each other more than 60 deep: ... -> \(name)",
                at: located.location)
        }
    }

    private func title(_ host: String, _ name: String) -> String {
        host == resolution.open.first?.host ? name : "hostvars['\(host)'].\(name)"
    }

    // MARK: hostvars and vars

    public func lazyMember(of name: String) throws -> LazyMember? {
        switch name {
        case "hostvars": .map(HostvarsMap(scope: self))
        case "vars": .map(ScopeMap(scope: self))
        default: try partial[name].map { try member(name, $0) } ?? connection(name).map { .value($0) }
        }
    }

    /// A part of a variable. What needs something undefined is undefined only for those who use it.
    fileprivate func member(_ title: String, _ part: Located) throws -> LazyMember? {
        switch part.value {
        case .map: .map(PartialMap(scope: self, name: title, located: part))
        case .list: .list(try part.items.enumerated().compactMap { try member("\(title)[\($0)]", $1) })
        default: try .rendered { try resolve(title, part) }
        }
    }

    /// What another host's variables are outside of the play, as `hostvars` shows them; nil if there is no such host.
    fileprivate func scope(ofHost name: String) -> StepScope? {
        if let known = resolution.scopes[name] { return known }
        guard let variables = resolution.others?(name) ?? (name == host.host ? host : nil) else { return nil }
        let scope = StepScope(variables, nil, [:], templar, resolution, isInPlay: false)
        resolution.scopes[name] = scope
        return scope
    }
}

/// `hostvars`: every host's variables, looked up as they are used.
private struct HostvarsMap: LazyMap {
    let scope: StepScope

    var keys: [String] { scope.host.inventory.inventory.hosts.map(\.name) }

    func member(_ key: String) -> LazyMember? { scope.scope(ofHost: key).map { .map(ScopeMap(scope: $0)) } }
}

/// A mapping whose parts are rendered as they are used.
private struct PartialMap: LazyMap {
    let scope: StepScope
    let name: String
    let located: Located

    var keys: [String] { (located.value.map?.keys).map { $0.compactMap(\.string) } ?? [] }

    func member(_ key: String) throws -> LazyMember? {
        guard let map = located.value.map, let index = map.index(forKey: .string(key)) else { return nil }
        return try scope.member("\(name).\(key)", Located(map.values[index], place: located.place[part: index]))
    }
}

/// All variables of one scope as a mapping.
private struct ScopeMap: LazyMap {
    let scope: StepScope

    var keys: [String] { Set(scope.names).subtracting(["hostvars", "vars", "environment", "ansible_managed", "omit"]).sorted() }

    func member(_ key: String) throws -> LazyMember? {
        if !scope.isInPlay, key == "hostvars" || key == "vars" { return nil }
        return try LazyMember.rendered { try scope.value(of: key) } ?? scope.lazyMember(of: key)
    }
}

extension LazyMember {
    /// A single value; what needs something undefined is undefined only for those who use it.
    fileprivate static func rendered(_ render: () throws -> Value?) throws -> LazyMember? {
        do {
            return try render().flatMap { $0 == Omit.value ? nil : .value($0) }
        } catch let error as Diagnostic where error.code == "template-undefined" {
            return .undefined(error)
        }
    }
}
