import OpsCore
import OpsProject
import OpsSteps

/// Checks what can be known of a playbook without a host: the syntax of every template and condition, and the
/// arguments that don't depend on variables.
struct ProjectCheck {
    var workspace: Workspace
    var playbook: Playbook

    /// Whether a YAML file is a playbook: a list whose entries have `hosts` or import one. Files of steps aren't.
    static func isPlaybook(_ path: String, _ files: ProjectFiles) -> Bool {
        guard let root = try? files.yaml(path).document.root, let entries = root.sequence else { return true }
        return entries.contains { $0["hosts"] != nil || $0["import_playbook"] != nil || $0["ansible.builtin.import_playbook"] != nil }
    }

    func run(into findings: inout DiagnosticCollector) {
        let variables = VariableCheck(
            playbook, inventory: workspace.inventory, run: workspace.given, templar: workspace.templar,
            loader: PlaybookLoader(files: workspace.files, catalogue: workspace.modules.catalogue))
        for play in playbook.plays {
            workspace.inventory.load(playbookDirectory: play.directory, files: workspace.files, into: &findings)
            for variable in play.vars { workspace.templar.check(variable.value, into: &findings) }
            for step in play.nodes.flatMap(\.steps) + play.handlers { check(step, &findings) }
            variables.check(play, hosts: hosts(of: play), into: &findings)
        }
    }

    /// None if the pattern depends on variables.
    private func hosts(of play: Play) -> [String] {
        guard let pattern = play.hosts.value.string, !pattern.contains("{{") else { return [] }
        var ignored: [Diagnostic] = []
        return (try? workspace.inventory.inventory.hosts(
            matching: pattern, limit: workspace.limit, files: workspace.files, warnings: &ignored)) ?? []
    }

    private func check(_ step: Step, _ findings: inout DiagnosticCollector) {
        let keywords = step.keywords
        for condition in keywords.when + keywords.until + (keywords.changedWhen ?? []) + (keywords.failedWhen ?? []) {
            workspace.templar.check(condition, isCondition: true, into: &findings)
        }
        for variable in keywords.vars { workspace.templar.check(variable.value, into: &findings) }
        for entry in step.arguments.entries {
            workspace.templar.check(entry.value, isCondition: step.module == "assert" && entry.key == "that", into: &findings)
        }
        if let free = step.arguments.freeText { workspace.templar.check(free, into: &findings) }
        if let items = keywords.loop?.items { workspace.templar.check(items, into: &findings) }
    }
}
