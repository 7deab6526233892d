import OpsCore
import OpsProject
import OpsSteps

/// Steps that steer the run instead of working on the host.
extension HostRun {
    private static let flowModules: Set<String> = ["include_tasks", "include_role", "include_vars", "meta"]

    static func isFlow(_ module: String) -> Bool { flowModules.contains(module) }

    func runFlow(_ step: Step, asHandler: Bool) async -> Flow {
        let start = ContinuousClock.now
        let scope = scope(step)
        do {
            if step.keywords.loop == nil, try !holds(step.keywords.when, scope, tolerant: false) {
                return await settle(step, .skipped("the condition does not hold"), start: start, asHandler: asHandler)
            }
            switch step.module {
            case "meta": return try await meta(step, scope)
            case "include_vars": return try await includeVars(step, scope, start: start)
            default: return try await include(step, scope)
            }
        } catch {
            return await settle(step, Self.failure(error), start: start, asHandler: asHandler)
        }
    }

    private func meta(_ step: Step, _ scope: StepScope) async throws -> Flow {
        guard let located = step.arguments.freeText ?? step.arguments["action"] else { return .next }
        let action = try preparation.text(located, scope)
        switch action {
        case "flush_handlers": return await flushHandlers()
        case "end_play", "end_host": return .ended(isFailure: false)
        case "clear_facts": context.variables.clearFacts(host)
        case "reset_connection": await context.connections.discard(host)
        case "noop": break
        default:
            let known = ["flush_handlers", "end_play", "end_host", "clear_facts", "reset_connection", "noop"]
            throw Diagnostic(
                code: "unknown-meta", "'meta' has no action '\(action)'", at: located.location,
                hints: NearestName.hints(for: action, in: known) + ["one of: " + known.joined(separator: ", ")])
        }
        return .next
    }

    /// Reads the steps of a file or role and runs them here, once for each item of a loop.
    private func include(_ step: Step, _ scope: StepScope) async throws -> Flow {
        guard let loop = step.keywords.loop else { return try await includeOnce(step, scope) }
        let outer = locals
        defer { locals = outer }
        for (index, item) in try LoopItems(templar: context.templar).items(loop, scope).enumerated() {
            locals[loop.variable] = item
            if let name = loop.indexVariable {
                locals[name] = .int(index)
                locals["ansible_index_var"] = .string(name)
            }
            let itemScope = self.scope(step)
            guard try holds(step.keywords.when, itemScope, tolerant: false) else { continue }
            let flow = try await includeOnce(step, itemScope)
            guard case .next = flow else { return flow }
        }
        return .next
    }

    private func includeOnce(_ step: Step, _ scope: StepScope) async throws -> Flow {
        var findings = DiagnosticCollector()
        let nodes = step.module == "include_role" ? try role(step, scope, &findings) : try file(step, scope, &findings)
        try findings.throwIfErrors()
        // Ansible counts the inclusion too.
        recap.ok += 1
        return await run(nodes)
    }

    private func file(_ step: Step, _ scope: StepScope, _ findings: inout DiagnosticCollector) throws -> [StepNode] {
        guard let located = step.arguments.freeText ?? step.arguments["file"] else {
            throw Diagnostic(code: "missing-argument", "'include_tasks' needs a 'file'", at: step.location)
        }
        return context.loader.includedSteps(
            try preparation.text(located, scope), by: step, in: play, firstID: context.identifiers.reserve(), into: &findings)
    }

    private func role(_ step: Step, _ scope: StepScope, _ findings: inout DiagnosticCollector) throws -> [StepNode] {
        var rendered = step.arguments
        for index in rendered.entries.indices where rendered.entries[index].key != "apply" {
            let value = rendered.entries[index].value
            rendered.entries[index].value = Located(try context.templar.render(value, scope), at: value.location)
        }
        guard let reference = RoleReference(rendered, isPublic: false, at: step.location, into: &findings) else { return [] }
        let roles = context.loader.includedRole(
            reference, by: step, in: play, firstID: context.identifiers.reserve(), into: &findings)
        context.variables.include(host, roles)
        let known = Set(handlers.map(\.location))
        handlers += roles.flatMap(\.handlers).filter { !known.contains($0.location) }
        return roles.flatMap(\.steps)
    }
}
