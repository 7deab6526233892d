import OpsCore
import OpsProject

/// Refuses `--tags` and `--start-at-step` that no step answers to: a mistyped one must not look like a run that had
/// nothing to do, nor a mistyped `--skip-tags` like one that left something out.
struct StepSelectionCheck {
    var playbook: Playbook
    var loader: PlaybookLoader

    /// Tags that mean something without a step that has them.
    private static let special: Set<String> = ["all", "always", "never", "tagged", "untagged"]

    /// - Throws: `CommandFailure` with the nearest tag or name.
    func run(tags: [String], startAtStep: String?) throws(CommandFailure) {
        guard let steps = knownSteps else { return }
        let known = Set(steps.flatMap(\.keywords.tags))
        for tag in tags where !Self.special.contains(tag) && !known.contains(tag) {
            let list = known.subtracting(Self.special).sorted()
            throw failure("unknown-tag", "no step of \(playbook.path) has the tag '\(tag)'", tag, list, "tags")
        }
        let names = steps.compactMap { $0.name?.value.string }
        if let startAtStep, !names.contains(startAtStep), !names.contains(where: { $0.contains("{{") }) {
            throw failure("unknown-step", "no step of \(playbook.path) is named '\(startAtStep)'", startAtStep, names, "steps")
        }
    }

    private func failure(_ code: String, _ message: String, _ given: String, _ known: [String], _ kind: String) -> CommandFailure {
        let list = known.isEmpty ? "it has no \(kind) with a name" : "there are: " + known.prefix(20).joined(separator: ", ")
        return CommandFailure(
            Diagnostic(code: code, message, hints: NearestName.hints(for: given, in: known) + [list]), status: .usage)
    }

    /// nil if files or roles are read whose names are not known before the run.
    private var knownSteps: [Step]? {
        var all: [Step] = []
        for play in playbook.plays {
            guard let steps = steps(play.nodes, in: play, depth: 0) else { return nil }
            all += steps
        }
        return all
    }

    private func steps(_ nodes: [StepNode], in play: Play, depth: Int) -> [Step]? {
        var all: [Step] = []
        for step in nodes.flatMap(\.steps) {
            all.append(step)
            guard step.module == "include_tasks" || step.module == "include_role" else { continue }
            let included = loader.included(by: step, in: play, depth: depth)
            guard !included.isEmpty, let inner = steps(included, in: play, depth: depth + 1) else { return nil }
            all += inner
        }
        return all
    }
}
