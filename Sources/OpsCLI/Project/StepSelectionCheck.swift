import OpsCore
import OpsProject

/// Refuses `--tags` and `--start-at-step` that no step answers to: a mistyped one must not look like a run that had
/// nothing to do. Of `--skip-tags` it warns, since scripts give some that not every playbook has.
struct StepSelectionCheck {
    var playbook: Playbook
    var loader: PlaybookLoader

    /// Tags that mean something without a step that has them.
    private static let special: Set<String> = ["all", "always", "never", "tagged", "untagged"]

    /// - Throws: `CommandFailure` with the nearest tag or name.
    /// - Returns: warnings
    func run(tags: [String], skipTags: [String], startAtStep: String?) throws(CommandFailure) -> [Diagnostic] {
        guard let steps = knownSteps else { return [] }
        let known = Set(steps.flatMap(\.keywords.tags)).union(Self.special)
        for tag in tags where !known.contains(tag) { throw CommandFailure(unknown(tag, known), status: .usage) }
        let names = steps.compactMap { $0.name?.value.string }
        if let startAtStep, !names.contains(startAtStep), !names.contains(where: { $0.contains("{{") }) {
            throw CommandFailure(
                Diagnostic(
                    code: "unknown-step", "no step of \(playbook.path) is named '\(startAtStep)'",
                    hints: NearestName.hints(for: startAtStep, in: names) + Self.list(names)), status: .usage)
        }
        return skipTags.filter { !known.contains($0) }.map { unknown($0, known, severity: .warning) }
    }

    private func unknown(_ tag: String, _ known: Set<String>, severity: Diagnostic.Severity = .error) -> Diagnostic {
        let tags = known.subtracting(Self.special).sorted()
        return Diagnostic(
            severity, code: "unknown-tag", "no step of \(playbook.path) has the tag '\(tag)'",
            hints: NearestName.hints(for: tag, in: tags) + Self.list(tags))
    }

    private static func list(_ names: [String]) -> [String] {
        names.isEmpty ? [] : ["there are: " + names.prefix(20).joined(separator: ", ")]
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
