import OpsCore

extension FunctionTable {
    /// A test of a step's result, which must be a mapping.
    private static func result(_ name: String, _ holds: @escaping @Sendable (MapObject) throws -> Bool)
        -> FunctionDefinition
    {
        FunctionDefinition(name) { call in
            guard case .map(let map) = call.subject else {
                throw call.fail("needs the result of a step, not \(call.subject.kindName)")
            }
            return .bool(try holds(map))
        }
    }

    private static func flag(_ map: MapObject, _ name: String) throws -> Bool { try map.value(name)?.isTrue() ?? false }

    /// Ansible's tests of results.
    static let resultTests: [FunctionDefinition] =
        ["failed", "failure"].map { result($0) { try flag($0, "failed") } }
        + ["succeeded", "success", "successful"].map { result($0) { try !flag($0, "failed") } }
        + ["changed", "change"].map { result($0, isChanged) }
        + ["skipped", "skip"].map { result($0) { try flag($0, "skipped") } }
        + [
            result("unreachable") { try flag($0, "unreachable") }, result("reachable") { try !flag($0, "unreachable") },
            result("finished") { try $0.value("finished")?.isTrue() ?? true },
            result("started") { try $0.value("started")?.isTrue() ?? true },
            result("timedout") { map in
                guard case .map(let timeout)? = try map.value("timedout") else { return false }
                return try flag(timeout, "period")
            },
        ]

    private static func isChanged(_ map: MapObject) throws -> Bool {
        if let changed = try map.value("changed") { return try changed.isTrue() }
        guard let results = try map.value("results")?.sequence?.items, case .map? = results.first else { return false }
        return try results.contains { if case .map(let item) = $0 { try flag(item, "changed") } else { false } }
    }

    static let textTests: [FunctionDefinition] = [
        FunctionDefinition("truthy", "convert_bool?") { call in .bool(try isTruthy(call)) },
        FunctionDefinition("falsy", "convert_bool?") { call in .bool(try !isTruthy(call)) },
        FunctionDefinition("nan") { call in .bool(call.subject.number?.isNaN ?? false) },
        FunctionDefinition("isnan") { call in .bool(call.subject.number?.isNaN ?? false) },
        FunctionDefinition("vault_encrypted") { call in
            if case .secret = call.subject { .bool(true) } else { .bool(false) }
        },
        FunctionDefinition("uri", "schemes?") { call in .bool(try isURI(call) != nil) },
        FunctionDefinition("url", "schemes?") { call in
            let parts = try isURI(call)
            return .bool(parts.map { !$0.netloc.isEmpty || $0.scheme == "file" } ?? false)
        },
        FunctionDefinition("urn") { call in .bool(URLParts(call.subject.comparableText ?? "")?.scheme == "urn") },
        FunctionDefinition("version", "version operator? strict? version_type?") { call in
            try VersionTest.evaluate(call)
        },
        FunctionDefinition("version_compare", "version operator? strict? version_type?") { call in
            try VersionTest.evaluate(call)
        },
    ]

    private static func isTruthy(_ call: Call) throws -> Bool {
        if try call.bool(0) {
            let text =
                call.subject.comparableText?.lowercased() ?? call.subject.number.map {
                    $0 == 1 ? "1" : $0 == 0 ? "0" : ""
                } ?? ""
            if ["y", "yes", "on", "1", "true", "t"].contains(text) { return true }
            if ["n", "no", "off", "0", "false", "f"].contains(text) { return false }
        }
        return try call.subject.isTrue()
    }

    private static func isURI(_ call: Call) throws -> URLParts? {
        guard let text = call.subject.comparableText, let parts = URLParts(text) else { return nil }
        guard let schemes = call.given(0) else { return parts }
        return try schemes.contains(.string(parts.scheme), call.frame) ? parts : nil
    }
}
