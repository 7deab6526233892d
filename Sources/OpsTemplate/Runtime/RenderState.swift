import OpsCore

/// What one rendering shares between all its templates: scope, limits, caches.
final class RenderState {
    let environment: TemplateEnvironment
    let scope: any TemplateScope
    let limits: Limits
    /// Whether values follow Ansible's rules; asked for all the time.
    let isAnsible: Bool
    let tracker = SecretTracker()
    let walks: WalkBudget
    let characters = CharacterCache()
    /// Variables already asked for.
    private var variables: [String: JinjaValue?] = [:]
    /// Templates already loaded for `include`, `import` and `extends`.
    private var templates: [String: CompiledTemplate] = [:]
    /// Frames that macros hold on to; they are emptied at the end, as frame and macro hold each other.
    private var retained: [Frame] = []
    /// Regular expressions already compiled, by pattern and flags.
    private var regexes: [String: PythonRegex] = [:]
    private var iterations = 0
    private var capturedBytes = 0
    private(set) var callDepth = 0

    init(environment: TemplateEnvironment, scope: any TemplateScope) {
        self.environment = environment
        self.scope = scope
        limits = environment.limits
        walks = WalkBudget(environment.limits)
        isAnsible = environment.dialect == .ansible
    }

    func variable(_ name: String) throws -> JinjaValue? {
        if let known = variables[name] { return known }
        var value: JinjaValue?
        if let found = try scope.value(of: name) {
            value = JinjaValue(found, tracker: tracker)
        } else if let member = try scope.lazyMember(of: name) {
            value = JinjaValue(member, tracker: tracker)
        } else {
            value = environment.global(name, tracker: tracker)
        }
        variables[name] = .some(value)
        return value
    }

    /// Counts rounds of loops and items that filters walk through.
    func charge(_ rounds: Int) throws {
        let (sum, overflow) = iterations.addingReportingOverflow(rounds)
        iterations = sum
        if overflow || sum > limits.iterations {
            throw Limits.exceeded("the template runs through too many items", limits.iterations)
        }
    }

    /// Refuses text that is too large, before or after making it.
    func checkSize(_ bytes: Int) throws {
        if bytes > limits.outputSize { throw Limits.exceeded("the text is too large, in bytes", limits.outputSize) }
    }

    func chargeCapture(_ bytes: Int) throws {
        capturedBytes += bytes
        try checkSize(capturedBytes)
    }

    /// Runs `body` one call deeper.
    ///
    /// - Parameter height: how deep the called code nests, as that decides how much stack it takes.
    func called<T>(_ height: Int, _ body: () throws -> T) throws -> T {
        guard callDepth + height < limits.callDepth else {
            throw Limits.exceeded(
                "the template calls itself too often, or its calls nest too deep, in levels", limits.callDepth)
        }
        callDepth += height
        defer { callDepth -= height }
        return try body()
    }

    func regex(_ pattern: String, ignoresCase: Bool, multiline: Bool) throws -> PythonRegex {
        let key = (ignoresCase ? "i" : "-") + (multiline ? "m" : "-") + pattern
        if let known = regexes[key] { return known }
        let flags = RegexParser.Flags(ignoresCase: ignoresCase, multiline: multiline)
        let regex = try PythonRegex(pattern, flags: flags, stepLimit: limits.regexSteps)
        regexes[key] = regex
        return regex
    }

    func retain(_ frame: Frame) { if retained.last !== frame { retained.append(frame) } }

    /// Runs the rendering itself and clears up after it.
    func running<T>(_ body: () throws -> T) rethrows -> T {
        defer { finish() }
        return try WalkBudget.$current.withValue(walks, operation: body)
    }

    private func finish() {
        for frame in retained { frame.clear() }
        retained.removeAll()
        variables.removeAll()
    }

    /// The template that a name stands for, as written in the template `from`.
    func template(_ name: String, from: String) throws -> CompiledTemplate? {
        let key = from + "\0" + name
        if let known = templates[key] { return known }
        guard let source = try environment.loader?(name, from) else { return nil }
        let template = try CompiledTemplate(
            source.text, origin: TemplateOrigin(file: source.file), environment: environment)
        templates[key] = template
        return template
    }
}
