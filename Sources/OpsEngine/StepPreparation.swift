import OpsCore
import OpsProject
import OpsSteps
import OpsTemplate
import OpsTransport

/// Renders a step's arguments and keywords for one host.
struct StepPreparation {
    var context: RunContext
    var play: Play
    var host: String
    var planned: PlannedTrees
    var templar: Templar

    init(context: RunContext, play: Play, host: String, planned: PlannedTrees) {
        self.context = context
        self.play = play
        self.host = host
        self.planned = planned
        templar = context.templar
    }

    /// - Throws: `Diagnostic` or `DiagnosticError`: undefined variables, bad arguments, missing local files.
    func prepare(_ step: Step, scope: StepScope) throws -> PreparedStep {
        let target = try step.keywords.delegateTo.map { try text($0, scope) } ?? host
        let environment = try environment(step, scope)
        guard let type = context.modules[step.module] else {
            throw Diagnostic(
                code: "unknown-module", "there is no module '\(step.module)'", at: step.moduleLocation,
                hints: NearestName.hints(for: step.module, in: context.modules.names))
        }
        return PreparedStep(
            step: step, module: try module(type, step, environment, scope), mode: environment.mode, target: target,
            become: try BecomeResolution(templar: templar, password: context.becomePassword).settings(step.keywords, scope),
            variables: try variables(step, scope), timeout: try timeout(step, scope))
    }

    private func module(
        _ type: any StepModule.Type, _ step: Step, _ environment: StepEnvironment, _ scope: StepScope
    ) throws -> any StepModule {
        // A condition must reach `assert` as it was written, to be evaluated and to be shown.
        let raw: Set<String> = step.module == "assert" ? ["that"] : step.module == "debug" ? ["var"] : []
        var entries: [(key: String, keyLocation: SourceLocation, value: Located)] = []
        for entry in step.arguments.entries {
            let value = raw.contains(entry.key) ? entry.value.value : try templar.render(entry.value, scope)
            if value == Omit.value { continue }
            entries.append((entry.key, entry.keyLocation, Located(value, at: entry.value.location)))
        }
        if step.module == SetFactModule.name {
            return SetFactModule(
                facts: ValueMap(
                    entries.filter { $0.key != "cacheable" }.map { (.string($0.key), $0.value.value) },
                    uniquingKeysWith: { $1 }))
        }
        let free = try step.arguments.freeText.map { Located(try templar.render($0, scope), at: $0.location) }
        let reader = try ArgumentReader(
            module: step.module, parameters: type.parameters, location: step.moduleLocation, freeText: free, entries: entries)
        return try type.init(reader, environment)
    }

    private func environment(_ step: Step, _ scope: StepScope) throws -> StepEnvironment {
        StepEnvironment(
            mode: StepMode(
                host: host, checkMode: try flag(step.keywords.checkMode, scope) ?? context.options.checkMode,
                diff: try flag(step.keywords.diff, scope) ?? context.options.diff),
            step: step, playDirectory: play.directory, scope: scope, templar: templar, files: context.files, planned: planned)
    }

    private func variables(_ step: Step, _ scope: StepScope) throws -> [(name: String, value: String)] {
        var result: [(name: String, value: String)] = []
        for located in step.keywords.environment {
            guard let map = try templar.render(located, scope).map else {
                throw Diagnostic(code: "wrong-type", "'environment' must be a mapping", at: located.location)
            }
            for (key, value) in map {
                guard let name = key.string, name.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) != nil else {
                    throw Diagnostic(code: "bad-name", "'\(key.string ?? "")' is no name for an environment variable", at: located.location)
                }
                guard !value.containsSecret else { throw Self.secretInEnvironment(name, located) }
                result.removeAll { $0.name == name }
                result.append((name, value.string ?? ValueJSON.pretty(value)))
            }
        }
        return result
    }

    private static func secretInEnvironment(_ name: String, _ located: Located) -> Diagnostic {
        Diagnostic(
            code: "secret-in-environment", "'\(name)' would show a secret in the environment of the step's programs", at: located.location,
            hints: ["pass it with 'stdin:', or write it to a file and name that, as with PGPASSFILE or *_FILE"])
    }

    private func timeout(_ step: Step, _ scope: StepScope) throws -> Duration {
        guard let located = step.keywords.timeout else { return context.options.stepTimeout }
        let value = try text(located, scope)
        guard let duration = Duration(parsing: value) else {
            throw Diagnostic(code: "not-a-duration", "'timeout' is not a length of time: '\(value)'", at: located.location)
        }
        // Ansible's 0 means no limit; here nothing waits for ever.
        return duration == .zero ? context.options.stepTimeout : duration
    }

    func text(_ located: Located, _ scope: StepScope) throws -> String { try templar.text(located, scope) }

    func flag(_ located: Located?, _ scope: StepScope) throws -> Bool? {
        guard let located else { return nil }
        return try templar.flag(located, scope)
    }
}
