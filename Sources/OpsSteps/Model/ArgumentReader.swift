import OpsCore
import OpsProject

/// Reads a step's rendered arguments as the types that its module wants, with located complaints.
public struct ArgumentReader: Sendable {
    public let module: String
    public let location: SourceLocation
    /// By parameter name; aliases are already resolved.
    private let values: [String: Located]

    /// - Throws: `DiagnosticError` with every unknown, missing or disallowed argument.
    public init(
        module: String, parameters: [Parameter], location: SourceLocation, freeText: Located?,
        entries: [(key: String, keyLocation: SourceLocation, value: Located)]
    ) throws(DiagnosticError) {
        self.module = module
        self.location = location
        var values: [String: Located] = [:]
        var findings = DiagnosticCollector()
        let names = Dictionary(
            parameters.flatMap { p in ([p.name] + p.aliases).map { ($0, p) } }, uniquingKeysWith: { a, _ in a })
        for entry in entries {
            guard let parameter = names[entry.key] else {
                findings.add(Self.unknown(entry.key, at: entry.keyLocation, module: module, names: names.keys.sorted()))
                continue
            }
            if !parameter.choices.isEmpty, let text = entry.value.value.string, !parameter.choices.contains(text) {
                findings.add(Self.notAChoice(text, of: parameter, at: entry.value.location))
            }
            values[parameter.name] = entry.value
        }
        if let freeText {
            if names[Parameter.freeText] == nil {
                findings.add(Diagnostic(
                    code: "no-free-text", "module '\(module)' takes named arguments, not bare text", at: freeText.location,
                    hints: ["its arguments are: " + names.keys.sorted().joined(separator: ", ")]))
            }
            values[Parameter.freeText] = freeText
        }
        for parameter in parameters where parameter.isRequired && values[parameter.name] == nil {
            findings.add(Diagnostic(
                code: "missing-argument", "module '\(module)' needs '\(parameter.name)': \(parameter.summary)", at: location))
        }
        try findings.throwIfErrors()
        self.values = values
    }

    private static func unknown(
        _ key: String, at location: SourceLocation, module: String, names: [String]
    ) -> Diagnostic {
        let shown = names.filter { $0 != Parameter.freeText }
        let near = NearestName.hints(for: key, in: shown)
        return Diagnostic(
            code: "unknown-argument", "unknown argument '\(key)' in module '\(module)'", at: location,
            hints: near.isEmpty ? ["its arguments are: " + shown.joined(separator: ", ")] : near)
    }

    private static func notAChoice(_ text: String, of parameter: Parameter, at location: SourceLocation) -> Diagnostic {
        let near = NearestName.hints(for: text, in: parameter.choices)
        return Diagnostic(
            code: "not-a-choice", "'\(parameter.name)' cannot be '\(text)'", at: location,
            hints: near.isEmpty ? ["one of: " + parameter.choices.joined(separator: ", ")] : near)
    }

    // MARK: Reading

    /// The value as rendered; nil if the argument isn't written or is null.
    public func value(_ name: String) -> Value? {
        guard let value = values[name]?.value, value != .null else { return nil }
        return value
    }

    /// Where the argument stands, for complaints about its meaning.
    public func location(of name: String) -> SourceLocation { values[name]?.location ?? location }

    /// Text that may be shown. Numbers and booleans are taken as they're written.
    public func string(_ name: String) throws(Diagnostic) -> String? {
        switch value(name) {
        case nil: return nil
        case .string(let text): return text
        case .int(let number): return String(number)
        case .double(let number): return "\(number)"
        case .bool(let flag): return flag ? "true" : "false"
        case .secret: throw secretRefused(name)
        case let other?: throw wrongKind(name, wanted: "text", found: other)
        }
    }

    public func string(_ name: String, default fallback: String) throws(Diagnostic) -> String {
        try string(name) ?? fallback
    }

    /// For arguments that are declared required.
    public func required(_ name: String) throws(Diagnostic) -> String {
        guard let text = try string(name), !text.isEmpty else {
            throw Diagnostic(code: "missing-argument", "'\(name)' of module '\(module)' is empty", at: location(of: name))
        }
        return text
    }

    /// Text that may be a secret.
    public func sensitive(_ name: String) throws(Diagnostic) -> SensitiveText? {
        guard let value = value(name) else { return nil }
        if let text = SensitiveText(value) { return text }
        return try string(name).map { .plain($0) }
    }

    /// A boolean, also written as Ansible allows: yes/no, on/off, true/false, 1/0.
    public func bool(_ name: String) throws(Diagnostic) -> Bool? {
        switch value(name) {
        case nil: return nil
        case .bool(let flag): return flag
        case .int(1): return true
        case .int(0): return false
        case .string(let text):
            switch text.lowercased() {
            case "yes", "true", "on", "1", "y", "t": return true
            case "no", "false", "off", "0", "n", "f": return false
            default: throw wrongKind(name, wanted: "true or false", found: .string(text))
            }
        case let other?: throw wrongKind(name, wanted: "true or false", found: other)
        }
    }

    public func bool(_ name: String, default fallback: Bool) throws(Diagnostic) -> Bool { try bool(name) ?? fallback }

    public func int(_ name: String) throws(Diagnostic) -> Int? {
        switch value(name) {
        case nil: return nil
        case .int(let number): return number
        case .double(let number) where number == number.rounded() && abs(number) < 1e15: return Int(number)
        case .string(let text):
            if let number = Int(text) { return number }
            throw wrongKind(name, wanted: "a whole number", found: .string(text))
        case let other?: throw wrongKind(name, wanted: "a whole number", found: other)
        }
    }

    public func int(_ name: String, default fallback: Int) throws(Diagnostic) -> Int { try int(name) ?? fallback }

    /// A length of time: seconds, or `500ms`, `30s`, `2m`.
    public func duration(_ name: String, default fallback: Duration) throws(Diagnostic) -> Duration {
        guard let text = try string(name) else { return fallback }
        guard let duration = Duration(parsing: text) else {
            throw Diagnostic(
                code: "not-a-duration", "'\(name)' is not a length of time: '\(text)'", at: location(of: name),
                hints: ["write seconds, or 500ms, 30s, 2m, 1h30m"])
        }
        return duration
    }

    /// A list; a single text or comma-separated text counts as one, as in Ansible.
    public func strings(_ name: String) throws(Diagnostic) -> [String]? {
        switch value(name) {
        case nil: return nil
        case .list(let items):
            var texts: [String] = []
            for item in items {
                guard let text = item.string ?? item.int.map(String.init) else {
                    throw wrongKind(name, wanted: "a list of texts", found: item)
                }
                texts.append(text)
            }
            return texts
        case .string(let text):
            return text.split(separator: ",").map { $0.trimming() }.filter { !$0.isEmpty }
        case let other?: throw wrongKind(name, wanted: "a list of texts", found: other)
        }
    }

    public func map(_ name: String) throws(Diagnostic) -> ValueMap? {
        guard let value = value(name) else { return nil }
        guard let map = value.map else { throw wrongKind(name, wanted: "a mapping", found: value) }
        return map
    }

    public func list(_ name: String) throws(Diagnostic) -> [Value]? {
        guard let value = value(name) else { return nil }
        guard let list = value.list else { throw wrongKind(name, wanted: "a list", found: value) }
        return list
    }

    /// An absolute path on the host.
    public func absolutePath(_ name: String) throws(Diagnostic) -> String {
        let path = try required(name)
        guard path.hasPrefix("/"), !path.contains("\0") else {
            throw Diagnostic(
                code: "not-absolute", "'\(name)' must be an absolute path: '\(path)'", at: location(of: name))
        }
        return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    // MARK: Complaints

    /// A complaint about an argument's meaning.
    public func complaint(_ name: String, code: String, _ message: String, hints: [String] = []) -> Diagnostic {
        Diagnostic(code: code, message, at: location(of: name), hints: hints)
    }

    private func wrongKind(_ name: String, wanted: String, found: Value) -> Diagnostic {
        Diagnostic(
            code: "wrong-type", "\(title(name)) of module '\(module)' must be \(wanted), not \(shown(found))",
            at: location(of: name),
            hints: found.containsSecret ? ["keep it plain in its file: 'unencrypted_regex' in .sops.yaml, or another file"] : [])
    }

    private func title(_ name: String) -> String { name == Parameter.freeText ? "the command line" : "'\(name)'" }

    private func shown(_ value: Value) -> String {
        if case .string(let text) = value { "'\(text.prefix(60))'" } else { "a \(value.kindName)" }
    }

    private func secretRefused(_ name: String) -> Diagnostic {
        Diagnostic(
            code: "secret-in-argument", "\(title(name)) of module '\(module)' would show a secret in the host's process list",
            at: location(of: name),
            hints: ["pass it with 'stdin:', or write it to a file with 'copy' or 'push' and let the program read that"])
    }
}

extension StringProtocol {
    /// Without white space at both ends.
    func trimming() -> String {
        var text = Substring(self)
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
