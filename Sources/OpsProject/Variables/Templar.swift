import OpsCore
import OpsSecrets
import OpsTemplate
import OpsYAML

/// Renders the values of playbooks and variables.
///
/// A value that is one `{{ expression }}` keeps its type, mixed text is a string, and a result is never
/// rendered again.
public struct Templar: Sendable {
    /// Files of templates are compiled with it, too.
    public let environment: TemplateEnvironment
    let files: ProjectFiles
    /// Learns every secret that is opened on the way.
    private let redactor: Redactor?
    private let cache = TemplateCache()

    /// - Parameters:
    ///   - environment: lookups that read files and variables are added to it.
    ///   - redactor: gets the secrets of vault values and encrypted files of variables, once they are used.
    public init(
        environment: TemplateEnvironment = TemplateEnvironment(), files: ProjectFiles, redactor: Redactor? = nil
    ) {
        self.redactor = redactor
        var environment = environment
        Lookups(files: files).add(to: &environment)
        if let redactor {
            environment.noteSecret = { redactor.register(derived: $0) }
            environment.noteAssembled = { redactor.register(assembled: $0) }
        }
        // In texts of playbooks and variables, what they include is looked for beside their file.
        environment.loader = { name, from in try TemplateSearch(nil, beside: from, files: files).load(name) }
        environment.hintsForMissing = { name, from in
            TemplateSearch(nil, beside: from, files: files).hints(missing: name)
        }
        self.environment = environment
        self.files = files
    }

    // MARK: Values

    /// The value with all templates in it rendered; entries that are `omit` are left out.
    ///
    /// A value that is `omit` as a whole stays `Omit.value`.
    public func render(_ located: Located, _ scope: StepScope) throws(Diagnostic) -> Value {
        switch located.value {
        case .string(let text): return try render(text, located.place, scope)
        case .list:
            var items: [Value] = []
            for item in located.items {
                let value = try render(item, scope)
                if value != Omit.value { items.append(value) }
            }
            return .list(items)
        case .map(let map):
            var result = ValueMap()
            for (index, (key, value)) in map.enumerated() {
                let rendered = try render(Located(value, place: located.place[part: index]), scope)
                if rendered != Omit.value { result[key] = rendered }
            }
            return .map(result)
        default: return located.value
        }
    }

    private func render(_ text: String, _ place: Place, _ scope: StepScope) throws(Diagnostic) -> Value {
        switch place.handling {
        case .unsafe: return place.isSecret ? registered(.secret(Secret(text))) : .string(text)
        case .vault: return registered(.secret(try decrypt(text, place.location)))
        case .plain: break
        }
        guard environment.syntax.containsTemplate(text) else {
            return place.isSecret ? registered(.secret(Secret(text))) : .string(text)
        }
        let value = try located(place.location) {
            try cache.text(text, place, environment: environment).evaluate(scope)
        }
        try checkOmit(value, place.location)
        return place.isSecret ? registered(secret(value)) : value
    }

    private func registered(_ value: Value) -> Value {
        redactor?.register(in: value)
        return value
    }

    /// A message as it may be shown: the secrets in it are masked, what stands around them is not.
    public func shown(_ message: SensitiveText) -> String {
        guard message.isSecret else { return message.reveal { $0 } }
        return redactor.map { redactor in message.reveal { redactor.redact($0) } } ?? Secret.mask
    }

    /// Masks a password from now on that may have stood in a plain variable.
    public func hide(_ password: Secret) { redactor?.register(password) }

    /// An inline `!vault` value.
    func decrypt(_ envelope: String, _ location: SourceLocation) throws(Diagnostic) -> Secret {
        do {
            return try files.keyring.vault.decryptInline(envelope)
        } catch let error as VaultError {
            throw VaultDiagnostic.make(error, at: location)
        } catch {
            throw Diagnostic(code: "vault", "\(error)", at: location)
        }
    }

    private func secret(_ value: Value) -> Value {
        switch value {
        case .string(let text): .secret(Secret(text))
        case .list(let items): .list(items.map(secret))
        case .map(let map): .map(map.mapValues(secret))
        default: value
        }
    }

    /// `omit` stands for a whole value; within a text it means nothing.
    private func checkOmit(_ value: Value, _ location: SourceLocation) throws(Diagnostic) {
        guard case .string(let text) = value, text != Omit.token, text.contains(Omit.token) else { return }
        throw Diagnostic(
            code: "omit", "'omit' can't be a part of a text", at: location,
            hints: ["let the whole value be the template: \"{{ x | default(omit) }}\""])
    }

    // MARK: Texts and conditions

    /// The value as a text; lists, maps and null are an error.
    ///
    /// Secrets can't be texts: use `render` where one may stand.
    public func text(_ located: Located, _ scope: StepScope) throws(Diagnostic) -> String {
        let value = try render(located, scope)
        switch value {
        case .string(let text): return text
        case .int(let number): return String(number)
        case .double(let number): return PythonText.float(number)
        case .bool(let flag): return flag ? "True" : "False"
        default:
            throw Diagnostic(
                code: "wrong-type", "a text is needed here, and this is a \(value.kindName)", at: located.location)
        }
    }

    /// A true or false value: a boolean, or a text such as `yes` or `off` that Ansible takes for one.
    public func flag(_ located: Located, _ scope: StepScope) throws(Diagnostic) -> Bool {
        let value = try render(located, scope)
        if let flag = value.flag { return flag }
        throw Diagnostic(
            code: "wrong-type", "true or false is needed here, and this is a \(value.kindName)", at: located.location)
    }

    /// Whether a condition such as that of `when` holds.
    ///
    /// The result must be a boolean: a text or number is an error, however true it looks.
    public func condition(_ located: Located, _ scope: StepScope) throws(Diagnostic) -> Bool {
        guard case .string(let text) = located.value else {
            if case .bool(let flag) = located.value { return flag }
            throw notBoolean(located.value, located, nil)
        }
        let isTemplate = environment.syntax.containsTemplate(text)
        let value: Value = try self.located(located.location) {
            // The braces are not needed, but common: `when: "{{ x }}"`.
            isTemplate
                ? try cache.text(text, located.place, environment: environment).evaluate(scope)
                : try cache.expression(text, located.place, environment: environment).evaluate(scope)
        }
        if case .bool(let flag) = value { return flag }
        throw notBoolean(value, located, text)
    }

    private func notBoolean(_ value: Value, _ located: Located, _ expression: String?) -> Diagnostic {
        let name = expression.map { $0.trimmed } ?? "it"
        let hint =
            switch value {
            case .string, .secret:
                "compare it, as in '\(name) == \"...\"', or write '\(name) | bool' or '\(name) | length > 0'"
            case .int, .double: "compare it, as in '\(name) > 0'"
            case .list, .map: "write '\(name) | length > 0'"
            case .null: "write '\(name) is not none'"
            case .bool: ""
            }
        return Diagnostic(
            code: "condition-type", "a condition must give true or false, and this gives a \(value.kindName)",
            at: located.location, hints: [hint])
    }

    /// Checks the syntax of all templates in a value; nothing is evaluated.
    public func check(_ located: Located, isCondition: Bool = false, into diagnostics: inout DiagnosticCollector) {
        switch located.value {
        case .string(let text):
            guard located.place.handling == .plain else { return }
            let isTemplate = environment.syntax.containsTemplate(text)
            guard isTemplate || isCondition else { return }
            do {
                try self.located(located.location) {
                    if isTemplate {
                        _ = try cache.text(text, located.place, environment: environment)
                    } else {
                        _ = try cache.expression(text, located.place, environment: environment)
                    }
                }
            } catch { diagnostics.add(error) }
        case .list: for item in located.items { check(item, isCondition: isCondition, into: &diagnostics) }
        case .map: for (_, value) in located.entries ?? [] { check(value, into: &diagnostics) }
        default: return
        }
    }

    /// Turns whatever a rendering throws into a diagnostic with a place.
    private func located<T>(_ location: SourceLocation, _ body: () throws -> T) throws(Diagnostic) -> T {
        do {
            return try body()
        } catch var diagnostic as Diagnostic {
            if diagnostic.location == nil { diagnostic.location = location }
            throw diagnostic
        } catch let error as DiagnosticError {
            throw error.diagnostics.first ?? Diagnostic(code: "template", "it can't be rendered", at: location)
        } catch {
            throw Diagnostic(code: "template", "\(error)", at: location)
        }
    }
}
