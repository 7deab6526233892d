import OpsCore

/// The templates and conditions of a play that are evaluated whatever happens in it, in order.
struct SureReadings {
    struct Reading {
        var step: Step?
        var value: Located
        var isCondition = false
    }

    private(set) var readings: [Reading] = []
    /// Steps that render a file here, with its place.
    private(set) var templates: [(step: Step, source: Located)] = []
    private var mayHaveEnded = false
    private let play: Play
    private let loader: PlaybookLoader
    private var depth = 0

    /// - Parameter loader: reads the files of `include_tasks` whose names don't depend on anything.
    init(_ play: Play, loader: PlaybookLoader) {
        self.play = play
        self.loader = loader
        for node in play.nodes { read(node) }
    }

    private mutating func read(_ node: StepNode) {
        switch node {
        // What a rescue catches is no mistake.
        case .block(let block): if block.rescue.isEmpty { for inner in block.block { read(inner) } }
        case .step(let step): read(step)
        }
    }

    private mutating func read(_ step: Step) {
        let keywords = step.keywords
        if step.module == "meta" { mayHaveEnded = mayHaveEnded || step.arguments["action"]?.value.string?.hasPrefix("end_") == true }
        guard !mayHaveEnded, keywords.ignoreErrors == nil, !keywords.tags.contains("never") else { return }
        if let loop = keywords.loop {
            if keywords.when.isEmpty { readings.append(Reading(step: step, value: loop.items)) }
            return
        }
        // Conditions after the first are looked at only if that holds.
        if let first = keywords.when.first {
            readings.append(Reading(step: step, value: first, isCondition: true))
            return
        }
        readArguments(of: step)
    }

    private mutating func readArguments(of step: Step) {
        for entry in step.arguments.entries where !(step.module == "debug" && entry.key == "var") {
            let isCondition = step.module == "assert" && entry.key == "that"
            // An assertion on something undefined is how people say what a playbook needs.
            if isCondition { continue }
            readings.append(Reading(step: step, value: entry.value))
        }
        for value in [step.arguments.freeText, step.keywords.delegateTo].compactMap(\.self) + step.keywords.environment {
            readings.append(Reading(step: step, value: value))
        }
        if step.module == "include_tasks" { for node in loader.included(by: step, in: play, depth: depth) { readIncluded(node) } }
        if step.module == "template", let source = step.arguments["src"] { templates.append((step, source)) }
    }

    private mutating func readIncluded(_ node: StepNode) {
        depth += 1
        read(node)
        depth -= 1
    }
}

extension PlaybookLoader {
    /// The steps that an `include_tasks` reads, if the name of the file does not depend on anything.
    ///
    /// - Parameter depth: how many includes are around it; none is read beyond ten.
    public func included(by step: Step, in play: Play, depth: Int) -> [StepNode] {
        guard depth < 10, step.module == "include_tasks",
            let path = (step.arguments["file"] ?? step.arguments.freeText)?.value.string, !path.contains("{{")
        else { return [] }
        // What is wrong with the file is told when it is read.
        var ignored = DiagnosticCollector()
        return includedSteps(path, by: step, in: play, firstID: 2_000_000, into: &ignored)
    }
}
