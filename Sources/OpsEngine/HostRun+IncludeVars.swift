import OpsCore
import OpsProject
import OpsSteps

/// `include_vars`: variables from a file, or from the files of a directory.
extension HostRun {
    func includeVars(_ step: Step, _ scope: StepScope, start: ContinuousClock.Instant) async throws -> Flow {
        var findings = DiagnosticCollector()
        var variables: [LocatedVariable] = []
        let paths = try includedPaths(step, scope)
        for path in paths { variables += context.files.variables(path, from: step.location, into: &findings) }
        try findings.throwIfErrors()
        context.variables.include(host, try named(variables, step, scope))
        let message = paths.map { context.files.display($0) }.joined(separator: ", ")
        return await settle(step, StepRecord(.ok, StepResult(message: message)), start: start, asHandler: false)
    }

    private func includedPaths(_ step: Step, _ scope: StepScope) throws -> [String] {
        let file = step.arguments.freeText ?? step.arguments["file"]
        if let merging = step.arguments["hash_behaviour"], merging.value.string != "replace" {
            throw Diagnostic(code: "include-vars", "'hash_behaviour' can only be 'replace'", at: merging.location)
        }
        guard let directory = try directory(step, scope) else {
            guard let file else {
                throw Diagnostic(code: "missing-argument", "'include_vars' needs a 'file' or 'dir'", at: step.location)
            }
            let search = FileSearch(.vars, step: step, playDirectory: play.directory, files: context.files)
            return [try search.require(preparation.text(file, scope), at: file.location)]
        }
        if let file {
            throw Diagnostic(code: "include-vars", "'include_vars' takes a file or a directory, not both", at: file.location)
        }
        return try directory.paths(context.files)
    }

    private func directory(_ step: Step, _ scope: StepScope) throws -> VarsDirectory? {
        func argument(_ name: String) throws -> Value? { try step.arguments[name].map { try context.templar.render($0, scope) } }
        guard let name = try step.arguments["dir"].map({ try preparation.text($0, scope) }) else { return nil }
        var directory = VarsDirectory(name, step: step, files: context.files)
        directory.depth = try argument("depth").flatMap { $0.int ?? $0.string.flatMap(Int.init) } ?? 0
        directory.matching = try argument("files_matching")?.string
        let ignored = try argument("ignore_files")
        directory.ignored = ignored?.list?.compactMap(\.string) ?? ignored?.string?.split(separator: " ").map(String.init) ?? []
        if let extensions = try argument("extensions")?.list { directory.extensions = extensions.compactMap(\.string) }
        directory.skipsUnknownExtensions = try argument("ignore_unknown_extensions")?.flag ?? false
        return directory
    }

    /// With `name:` the variables of a file become one mapping.
    private func named(_ variables: [LocatedVariable], _ step: Step, _ scope: StepScope) throws -> [LocatedVariable] {
        guard let name = try step.arguments["name"].map({ try preparation.text($0, scope) }) else { return variables }
        return [LocatedVariable(name: name, value: Located(mapping: variables, at: step.location))]
    }
}
