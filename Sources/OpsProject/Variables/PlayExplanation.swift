import OpsCore

/// Where a variable's value comes from in one play: also what single blocks and steps set, and what steps set when
/// they run.
struct PlayExplanation {
    private let name: String
    private let host: HostVariables
    private let play: Play
    private let loader: PlaybookLoader
    private var depth = 0
    private var files: ProjectFiles { loader.files }
    private var found: [VariableExplanation.Candidate] = []
    /// Places of variables that blocks set.
    private var ofBlocks: Set<SourceLocation> = []

    /// - Parameter host: in the play already.
    init(_ name: String, host: HostVariables, play: Play, loader: PlaybookLoader) {
        self.name = name
        self.host = host
        self.play = play
        self.loader = loader
    }

    /// The explanation with what steps add to it.
    mutating func adding(to explanation: VariableExplanation) -> VariableExplanation {
        found = explanation.candidates
        for node in play.nodes + play.handlers.map(StepNode.step) { read(node) }
        var result = explanation
        // Ansible's order, and of one level the later.
        result.candidates = found.enumerated().sorted { ($0.element.level, $0.offset) < ($1.element.level, $1.offset) }.map(\.element)
        for index in result.candidates.indices { result.candidates[index].isWinner = false }
        if let winner = result.candidates.lastIndex(where: { $0.scope == nil }) { result.candidates[winner].isWinner = true }
        if !result.candidates.isEmpty { result.hints = [] }
        return result
    }

    private mutating func read(_ node: StepNode) {
        switch node {
        case .block(let block):
            ofBlocks.formUnion(block.keywords.vars.map(\.value.location))
            for variable in block.keywords.vars where variable.name == name { add(.block, variable.value, "in a block") }
            for inner in block.block + block.rescue + block.always { read(inner) }
        case .step(let step): read(step)
        }
    }

    private mutating func read(_ step: Step) {
        let title = "step '\(step.name?.value.string ?? step.module)'"
        for layer in host.layers(for: step) {
            guard let located = layer.variables[name] else { continue }
            if layer.level == .step, step.module == "include_tasks" || step.module == "include_role" {
                add(.includeParameters, located, "in what \(title) includes")
            } else {
                let isBlock = layer.level == .step && ofBlocks.contains(located.location)
                add(isBlock ? .block : layer.level, located, isBlock ? "in a block" : "in \(title)")
            }
        }
        depth += 1
        for node in loader.included(by: step, in: play, depth: depth - 1) { read(node) }
        depth -= 1
        if step.keywords.register == name {
            found.append(.init(level: .registered, location: step.location, value: .null, scope: "the result of \(title), once it has run"))
        }
        if step.module == "set_fact", let value = step.arguments[name] { add(.registered, value, "once \(title) has run") }
        if step.module == "include_vars" { readIncluded(step, title) }
    }

    private mutating func readIncluded(_ step: Step, _ title: String) {
        var ignored = DiagnosticCollector()
        for variable in includedFiles(step).flatMap({ files.variables($0, into: &ignored) }) where variable.name == name {
            add(.includeVars, variable.value, "once \(title) has run")
        }
    }

    private func includedFiles(_ step: Step) -> [String] {
        if let directory = step.arguments["dir"]?.value.string, !directory.contains("{{") {
            return (try? VarsDirectory(directory, step: step, files: files).paths(files)) ?? []
        }
        let file = step.arguments["file"] ?? step.arguments.freeText
        guard let path = file?.value.string, !path.contains("{{") else { return [] }
        return FileSearch(.vars, step: step, playDirectory: play.directory, files: files).find(path).map { [$0] } ?? []
    }

    private mutating func add(_ level: VariableLevel, _ located: Located, _ scope: String) {
        guard !found.contains(where: { $0.level == level && $0.location == located.location }) else { return }
        found.append(.init(level: level, location: located.location, value: HostVariables.shown(located), scope: scope))
    }
}

extension HostVariables {
    /// Lists everything that sets a variable for this host in a play that it has entered.
    ///
    /// - Parameter loader: reads what the play's steps include.
    public func explain(_ name: String, in play: Play, loader: PlaybookLoader) -> VariableExplanation {
        var explanation = PlayExplanation(name, host: self, play: play, loader: loader)
        return explanation.adding(to: explain(name, files: loader.files))
    }
}
